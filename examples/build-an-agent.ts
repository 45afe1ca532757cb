import { ToolError, createThread, defineTool } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";
import { z } from "zod";

// A tool: a schema for the model, a function for the program.
const getStock = defineTool({
  name: "get_stock",
  description: "How many pieces of an article are in stock. Call it before promising anything.",
  parameters: z.object({ article: z.string().describe("Article number, e.g. `A-17`.") }),
  parallel: true,
  async execute({ article }, { signal }) {
    if (article === "slow") await waitForever(signal);
    if (article !== "A-17") throw new ToolError(`there is no article ${article}`);
    return "42 pieces";
  },
});
function waitForever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

// Plays the model: three calls at once, then a message; in a second turn, a call that takes too long.
const call = (id: number, args: { readonly [name: string]: string | number }) =>
  scripted.streamedFunctionCall("get_stock", args, `call_${id}`);
const server = await scripted.startResponsesServer({
  script: [
    scripted.streamExchange([
      call(1, { article: "A-17" }),
      call(2, { article: "B-1" }),
      call(3, { article: 17 }),
    ]),
    scripted.messageExchange("There are 42 of A-17."),
    scripted.streamExchange([call(4, { article: "slow" })]),
  ],
});
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  tools: [getStock],
  developerInstructions: "You sell spare parts. Be brief.",
});

console.log("-- first turn");
for await (const event of thread.runTurn("How many A-17, B-1 and 17 do we have?")) {
  if (event.type === "itemCompleted" && event.item.type === "dynamic_tool_call") {
    const [output] = event.item.content_items ?? [];
    const text = output?.type === "input_text" ? output.text : output?.type;
    console.log(`${event.item.tool}: ${event.item.status}: ${text}`);
  }
  if (event.type === "turnCompleted") console.log(`agent: ${event.lastAgentMessage}`);
}

console.log("-- second turn, stopped by the program");
const stop = new AbortController();
for await (const event of thread.runTurn("And of the slow one?", { signal: stop.signal })) {
  if (event.type === "itemStarted") stop.abort();
  if (event.type === "itemCompleted") console.log(`the call ended: ${event.item.type}`);
  if (event.type === "turnAborted") console.log(event.type);
}

// What the model read: one output for each call, in the order of the calls.
interface Body {
  readonly input: readonly { readonly type: string; readonly output?: string }[];
}
const second = server.requests[1]?.body as Body | undefined;
console.log("-- what the model read");
for (const { type, output } of second?.input ?? [])
  if (type === "function_call_output") console.log(output);
await thread.close();
await server.close();
