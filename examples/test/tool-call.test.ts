import { expect, test } from "vitest";
import { z } from "zod";
import { createThread, defineTool } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

test("the tool is called, and the model reads its output", async () => {
  const received: unknown[] = [];
  const getStock = defineTool({
    name: "get_stock",
    description: "How many pieces of an article are in stock.",
    parameters: z.object({ article: z.string() }),
    execute(args) {
      received.push(args);
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
  try {
    const end = await thread.runTurn("How many A-17 do we have?").result();
    expect(end).toMatchObject({ type: "turnCompleted", lastAgentMessage: "There are 42." });
    expect(received).toEqual([{ article: "A-17" }]);
    const body = server.requests[1]?.body as { readonly input: readonly unknown[] } | undefined;
    const output = { type: "function_call_output", call_id: "call_1", output: "42 pieces" };
    expect(body?.input.at(-1)).toMatchObject(output);
    expect(server.unexpectedRequests).toEqual([]);
    expect(server.unusedExchanges).toEqual([]);
  } finally {
    await thread.close();
    await server.close();
  }
});
