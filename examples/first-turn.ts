import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import {
  functionCallExchange,
  messageExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";

// Plays the model: it asks for a command, then writes its final message.
const args = { cmd: "echo $((6 * 7))", login: false };
const server = await startResponsesServer({
  script: [
    functionCallExchange({ name: "exec_command", args, callId: "call_1" }, { requestId: "req_1" }),
    messageExchange(["It is ", "42."], { requestId: "req_2" }),
  ],
});
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  sandboxMode: "danger-full-access", // the default runs it in a sandbox, where there is one
  trace: { root: mkdtempSync(join(tmpdir(), "traces-")) },
});
try {
  for await (const event of thread.runTurn("How much is six times seven?")) {
    if (event.type === "turnFailed") console.log(`failed: ${event.error.message}`);
    if (event.type !== "itemCompleted") continue;
    const { item } = event;
    if (item.type === "command_execution") console.log(`command: ${item.aggregated_output.trim()}`);
    if (item.type === "agent_message") console.log(`agent: ${item.text}`);
  }
} finally {
  await thread.close();
  await server.close();
}

if (thread.bundlePath === undefined) throw new Error("nothing was recorded");
const { state } = await reduceBundle(openBundle(thread.bundlePath));
const calls = Object.values(state.inference_calls); // keyed by id, so in no order of time
calls.sort((a, b) => a.execution.started_seq - b.execution.started_seq);
for (const call of calls) {
  const tools = call.tool_call_ids_started_by_response.join(", ") || "none";
  const ids = `response ${call.response_id}, upstream ${call.upstream_request_id}`;
  console.log(`request: ${call.execution.status}, ${ids}, tools: ${tools}`);
}
