import { ToolError, createThread, defineTool } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";
import { z } from "zod";

const getStock = defineTool({
  name: "get_stock",
  description: "How many pieces of an article are in stock.",
  parameters: z.object({ article: z.string() }),
  async execute({ article }) {
    if (article !== "A-17") throw new ToolError(`there is no article ${article}`);
    return "42 pieces";
  },
});
const call = { name: "get_stock", args: { article: "A-17" }, callId: "call_1" };
const server = await scripted.startResponsesServer({
  script: [scripted.functionCallExchange(call), scripted.messageExchange("There are 42.")],
});
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  tools: [getStock],
});
for await (const event of thread.runTurn("How many A-17 do we have?"))
  if (event.type === "itemCompleted") console.log(JSON.stringify(event.item));
await thread.close();
await server.close();
