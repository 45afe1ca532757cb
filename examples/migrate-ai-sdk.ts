import { createOpenAI } from "@ai-sdk/openai";
import { generateText, isStepCount, tool } from "ai";
import { z } from "zod";
import { createThread, defineTool } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

const call = { name: "get_stock", args: { article: "A-17" }, callId: "call_1" };
const script = [scripted.functionCallExchange(call), scripted.messageExchange("There are 42.")];
const server = await scripted.startResponsesServer({ script: [...script, ...script] });
const description = "How many pieces of an article are in stock.";
const parameters = z.object({ article: z.string() });
const execute = async () => "42 pieces";

// Before: the AI SDK.
const openai = createOpenAI({ baseURL: server.url, apiKey: "my-key" });
const { text } = await generateText({
  model: openai("any-model"),
  tools: { get_stock: tool({ description, inputSchema: parameters, execute }) },
  stopWhen: isStepCount(5),
  prompt: "How many A-17 do we have?",
});
console.log(text);

// After: `@codex-ts/core`.
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  tools: [defineTool({ name: "get_stock", description, parameters, execute })],
  turnMaxRequests: 5,
});
for await (const event of thread.runTurn("How many A-17 do we have?"))
  if (event.type === "turnCompleted") console.log(event.lastAgentMessage);
await thread.close();
await server.close();
