import { describe, expect, test } from "vitest";
import type { ModelProvider } from "@codex-ts/model-provider";
import { ModelClient } from "@codex-ts/core";
import { messageExchange } from "@codex-ts/responses-server";
import { ThreadTrace } from "@codex-ts/rollout-trace";
import { INSTALLATION_ID, collect, testModel, testProvider } from "../support/harness.ts";
import { startResponsesServer } from "../support/server.ts";

type AuthMode = Awaited<ReturnType<NonNullable<ModelProvider["authMode"]>>>;

describe("request bodies", () => {
  for (const [name, mode, enabled, expected] of [
    ["OpenAI", "chatgpt", true, "zstd"],
    ["OpenAI", "chatgpt", false, undefined],
    ["OpenAI", "apikey", true, undefined],
    ["mock", "chatgpt", true, undefined],
  ] as const) {
    test(`[core/C7] are ${expected ?? "plain"} for ${name} with ${mode}, compression ${enabled ? "on" : "off"}`, async () => {
      await using server = await startResponsesServer({ script: [messageExchange("Hi.")] });
      const provider = {
        ...testProvider(server.url, { name }),
        authMode: async (): Promise<AuthMode> => mode,
      };
      const client = new ModelClient({
        provider,
        model: testModel(),
        threadId: "01a1fa2c-14fd-7b60-8176-1542090ff366",
        installationId: INSTALLATION_ID,
        sessionSource: "exec",
        requestCompression: enabled,
      });
      const session = client.newSession();
      const stream = await session.stream({
        prompt: { instructions: "x", input: [], tools: [], parallelToolCalls: false },
        metadata: client.metadata({ turnId: "t", requestKind: { type: "turn" } }),
        trace: ThreadTrace.disabled().inferenceContext({
          turnId: "t",
          model: "m",
          providerName: "p",
        }),
        signal: new AbortController().signal,
      });
      await collect(stream);
      session.close();
      const [request] = server.requests;
      expect(request?.headers.find(([header]) => header === "content-encoding")?.[1]).toBe(
        expected,
      );
      expect(request?.body).toMatchObject({ model: "gpt-mock" });
    });
  }
});
