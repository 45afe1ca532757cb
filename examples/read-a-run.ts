import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import { readRolloutLine } from "@codex-ts/protocol";
import * as scripted from "@codex-ts/responses-server";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";

// Records a run: a command, then the final message.
const args = { cmd: "echo 42", login: false };
const usage = { input_tokens: 900, output_tokens: 40 };
const cached = { input_tokens: 1000, cached_input_tokens: 800, output_tokens: 12 };
const call = { name: "exec_command", args, callId: "call_1" };
const server = await scripted.startResponsesServer({
  script: [
    scripted.functionCallExchange(call, { usage, requestId: "req_1" }),
    scripted.messageExchange("It is 42.", { usage: cached, requestId: "req_2" }),
  ],
});
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  sandboxMode: "danger-full-access",
  trace: { root: mkdtempSync(join(tmpdir(), "traces-")) },
});
for await (const event of thread.runTurn("How much is it?"))
  if (event.type === "turnFailed") console.log(event.error.message);
await thread.close();
await server.close();
const { bundlePath = "" } = thread;

// Reads it: requests in the order of time, what each saw, what it cost, what it called.
await show("the whole bundle");
async function show(title: string) {
  const { state, diagnostics } = await reduceBundle(openBundle(bundlePath));
  console.log(`-- ${title}: ${state.status}, ${diagnostics.length} problems`);
  const calls = Object.values(state.inference_calls);
  calls.sort((a, b) => a.execution.started_seq - b.execution.started_seq);
  for (const inference of calls) {
    const tokens = inference.usage;
    const share = tokens && Math.round((100 * tokens.cached_input_tokens) / tokens.input_tokens);
    const items = inference.request_item_ids.map((id) => state.conversation_items[id]?.kind);
    const tools = inference.tool_call_ids_started_by_response
      .map((id) => state.tool_calls[id])
      .map((tool) => `${tool?.kind.type} ${tool?.execution.status}`);
    console.log(`${inference.upstream_request_id} ${inference.execution.status}`);
    console.log(`  saw: ${items.join(", ")}`);
    console.log(
      `  input: ${tokens?.input_tokens ?? "unknown"} tokens, cached: ${share ?? "unknown"} %`,
    );
    console.log(`  called: ${tools.join(", ") || "nothing"}`);
  }
}

// The same after the power went out, in the middle of the second request.
const log = join(bundlePath, "trace.jsonl");
const text = readFileSync(log, "utf8");
writeFileSync(log, text.slice(0, text.lastIndexOf("inference_completed")));
await show("a bundle cut in the middle");

// A session file of Codex, `~/.codex/sessions/…/rollout-*.jsonl`, is read line by line.
const payload = { type: "agent_message", message: "It is 42." };
const line = JSON.stringify({ timestamp: "2026-01-01T00:00:00.000Z", type: "event_msg", payload });
const entry = readRolloutLine(JSON.parse(line));
if (entry?.type === "event_msg") console.log(`-- a session file: ${entry.payload.type}`);
