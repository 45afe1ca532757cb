import { createThread, defineTool } from "@codex-ts/core";
import { createModelProvider, selectModelProvider } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

// Four turns in which every event occurs: with tools, with a broken stream, failed, stopped.
const echo = { name: "exec_command", args: { cmd: "echo 42", login: false }, callId: "call_1" };
const stock = { name: "get_stock", args: { article: "A-17" }, callId: "call_2" };
const server = await scripted.startResponsesServer({
  script: [
    scripted.streamExchange([
      scripted.streamedReasoning({ summary: ["Look it up."] }),
      scripted.streamedFunctionCall(echo.name, echo.args, echo.callId),
    ]),
    scripted.functionCallExchange(stock),
    scripted.messageExchange("It is 42."),
    scripted.streamExchange([scripted.disconnect()]),
    scripted.messageExchange("Again."),
    scripted.errorExchange(400, { message: "no such field" }),
    { events: [scripted.created(), scripted.hang()] },
  ],
});
const mine = { name: "Mine", base_url: server.url };
const config = { model_provider: "mine", model_providers: { mine } };
const { id, info } = selectModelProvider({ config, env: {}, clientVersion: "1.0.0" });
const thread = await createThread({
  provider: createModelProvider({ id, info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  sandboxMode: "danger-full-access",
  verbosity: "low", // the model has none: a warning
  tools: [
    defineTool({
      name: "get_stock",
      description: "How many pieces of an article are in stock.",
      parameters: { type: "object", properties: { article: { type: "string" } } },
      execute: () => "42 pieces",
    }),
  ],
  sleep: async () => {},
  random: () => 0.5,
});
const seen = new Set<string>();
for (const input of ["How much is it?", "Again.", "Once more.", "Stop."]) {
  const stop = new AbortController();
  for await (const event of thread.runTurn(input, { signal: stop.signal })) {
    const isItem = event.type === "itemStarted" || event.type === "itemCompleted";
    const name = isItem ? `${event.type} ${event.item.type}` : event.type;
    if (!seen.has(name)) console.log(JSON.stringify(event, shortened));
    seen.add(name);
    if (event.type === "inferenceStarted" && input === "Stop.") stop.abort();
  }
}
await thread.close();
await server.close();

/** Ids, times and long texts differ from run to run. */
function shortened(key: string, value: unknown): unknown {
  if (key.endsWith("Ms")) return 1;
  if (typeof value !== "string" || key === "responseId") return value;
  if (/Id$|^id$/.test(key)) return "…";
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}
