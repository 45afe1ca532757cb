import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createThread, defineTool } from "@codex-ts/core";
import { createModelProvider, selectModelProvider } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

// Turns in which every event occurs: with tools, with a broken stream, compacting, failed, stopped.
const patch = "*** Begin Patch\n*** Add File: note.txt\n+42\n*** End Patch";
const echo = { name: "exec_command", args: { cmd: "echo 42", login: false }, callId: "call_1" };
const cmd = `apply_patch <<'EOF'\n${patch}\nEOF`;
const write = { name: "exec_command", args: { cmd }, callId: "call_3" };
const stock = { name: "get_stock", args: { article: "A-17" }, callId: "call_2" };
const task = { task_name: "helper", message: "Help.", fork_turns: "none" };
const item = scripted.functionCallItem("spawn_agent", task, "call_4");
const spawn = scripted.itemDone({ ...item, namespace: "collaboration" });
const isOfAgent = (request: scripted.ReceivedRequest) =>
  request.header("x-openai-subagent") !== undefined;
const server = await scripted.startResponsesServer({
  script: [
    scripted.streamExchange([
      scripted.streamedReasoning({ summary: ["Look it up."] }),
      scripted.streamedFunctionCall(echo.name, echo.args, echo.callId),
    ]),
    scripted.functionCallExchange(write),
    scripted.functionCallExchange(stock),
    scripted.messageExchange("It is 42."),
    scripted.streamExchange([scripted.disconnect()]),
    scripted.messageExchange("Again."),
    scripted.messageExchange("They asked how much it is; it is 42."),
    { ...scripted.messageExchange("Mine is done."), when: isOfAgent },
    scripted.streamExchange([spawn]),
    scripted.messageExchange("An agent works on it."),
    scripted.messageExchange("Nothing to mend."),
    scripted.errorExchange(400, { message: "no such field" }),
    { events: [scripted.created(), scripted.hang()] },
  ],
});
const mine = { name: "Mine", base_url: server.url };
const config = { model_provider: "mine", model_providers: { mine } };
const { id, info } = selectModelProvider({ config, env: {}, clientVersion: "1.0.0" });
const cwd = mkdtempSync(join(tmpdir(), "turn-events-"));
const thread = await createThread({
  provider: createModelProvider({ id, info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd,
  installationId: "11111111-1111-4111-8111-111111111111",
  sandboxMode: "danger-full-access",
  approvalPolicy: "untrusted", // asks before patches, and commands that do more than read
  onApproval: () => "approved",
  verbosity: "low", // the model has none: a warning
  tools: [
    defineTool({
      name: "get_stock",
      description: "How many pieces of an article are in stock.",
      parameters: { type: "object", properties: { article: { type: "string" } } },
      execute: () => "42 pieces",
    }),
  ],
  subagents: {},
  sleep: async () => {},
  random: () => 0.5,
});
const seen = new Set<string>();
const [compact, review] = ["(compact)", "(review)"];
const last = [review, "Once more.", "Stop."];
for (const input of ["How much is it?", "Again.", compact, "Delegate.", ...last]) {
  const stop = new AbortController();
  const { signal } = stop;
  const turn =
    input === compact
      ? thread.compact()
      : input === review
        ? thread.review({ type: "uncommittedChanges" })
        : thread.runTurn(input, { signal });
  for await (const event of turn) {
    const isItem = event.type === "itemStarted" || event.type === "itemCompleted";
    const name = isItem ? `${event.type} ${event.item.type}` : event.type;
    if (!seen.has(name)) console.log(JSON.stringify(event, shortened));
    seen.add(name);
    if (event.type === "inferenceStarted" && input === "Stop.") stop.abort();
  }
}
await thread.close();
await server.close();
rmSync(cwd, { recursive: true });

/** Ids, times and long texts differ from run to run; of a history the last item is enough. */
function shortened(key: string, value: unknown): unknown {
  if (key.endsWith("Ms")) return 1;
  if (key === "replacementHistory") return (value as readonly unknown[]).slice(-1);
  if (key === "changes" && !Array.isArray(value)) return Object.values(value as object);
  if (key === "internal_chat_message_metadata_passthrough") return undefined;
  if (typeof value !== "string" || key === "responseId") return value;
  if (/Id$|^(?:id|path|cwd)$/.test(key)) return "…";
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}
