import { describe, expect, test } from "vitest";
import { CoreError, ModelClient, createResponsesMetadata, subagentHeaders } from "@codex-ts/core";
import type {
  CompactionImplementation,
  CompactionKind,
  CompactionRequestOptions,
  ModelClientOptions,
  Prompt,
} from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { ResponseItem } from "@codex-ts/protocol";
import { errorExchange, itemDone, message, streamExchange } from "@codex-ts/responses-server";
import type { Exchange, ReceivedRequest, ResponsesServer } from "@codex-ts/responses-server";
import { ThreadTrace, openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { INSTALLATION_ID, testModel, testProvider } from "../support/harness.ts";
import { startResponsesServer } from "../support/server.ts";

const threadId = "01a1fa2c-14fd-7b60-8176-1542090ff366";

const compaction = { type: "compaction", encrypted_content: "enc" } as const;

const compactionDone = itemDone(compaction);

const prompt: Prompt = {
  instructions: "Follow the script.",
  input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] }],
  tools: [],
  parallelToolCalls: true,
};

const compactionBy = <Implementation extends CompactionImplementation>(
  implementation: Implementation,
): CompactionKind<Implementation> => ({
  type: "compaction",
  details: {
    trigger: "manual",
    reason: "user_requested",
    implementation,
    phase: "standalone_turn",
    strategy: "memento",
  },
});

const v1 = { turnId: "turn-1", requestKind: compactionBy("responses_compact") };
const v2 = { turnId: "turn-1", requestKind: compactionBy("responses_compaction_v2") };

/** What the turn metadata on the wire says of the kind of a request, wherever it stands. */
function kindOnTheWire(request: ReceivedRequest | undefined): unknown {
  const flat = isJsonObject(request?.body) ? request.body["client_metadata"] : undefined;
  const inBody = isJsonObject(flat) ? (flat["x-codex-turn-metadata"] as string) : undefined;
  const blobs = [request?.header("x-codex-turn-metadata"), inBody];
  const [text, ...others] = new Set(blobs.filter((blob) => blob !== undefined));
  expect(others).toEqual([]);
  const blob = JSON.parse(text ?? "") as Record<string, unknown>;
  return { request_kind: blob["request_kind"], compaction: blob["compaction"] };
}

function clientOf(server: ResponsesServer, options: Partial<ModelClientOptions> = {}): ModelClient {
  return new ModelClient({
    provider: testProvider(server.url, { requestMaxRetries: 0 }),
    model: testModel(),
    threadId,
    installationId: INSTALLATION_ID,
    sessionSource: "exec",
    compatibility: "0.140",
    ...options,
  });
}

/** A trace with one turn in which a compaction happens. */
async function startTrace() {
  const directory = await temporaryDirectory();
  const trace = ThreadTrace.startRoot({
    root: directory.path,
    metadata: {
      threadId,
      agentPath: "/root",
      sessionSource: "exec",
      cwd: "/w",
      model: "gpt-mock",
      providerName: "mock",
      approvalPolicy: "never",
      sandboxPolicy: "DangerFullAccess",
    },
  });
  trace.recordTurnStarted({ turnId: "turn-1" });
  return {
    compactions: trace.compactionContext({
      turnId: "turn-1",
      compactionId: "compaction-1",
      model: "gpt-mock",
      providerName: "mock",
    }),
    async reduce() {
      trace.recordTurnEnded({ turnId: "turn-1", status: "completed" });
      trace.recordEnded("completed");
      await trace.close();
      return (await reduceBundle(openBundle(trace.bundlePath ?? ""), { mode: "strict" })).state;
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

const compactAnswer = (output: readonly ResponseItem[]): Exchange => ({
  path: "/responses/compact",
  requestId: "req_compact",
  body: { output: output as never },
});

describe("remote compaction", () => {
  test("[core/compact-v1] v1 posts the history without body metadata, and the header says what it is for", async () => {
    await using server = await startResponsesServer({ script: [compactAnswer([compaction])] });
    await using trace = await startTrace();
    const client = clientOf(server, {
      betaFeatures: ["remote_compaction"],
      // The model has the tier; the endpoint has none for API keys.
      model: testModel({ service_tiers: [{ id: "priority", name: "Fast", description: "" }] }),
      serviceTier: "priority",
    });
    const result = await client.compactConversationHistory({
      prompt,
      metadata: client.metadata(v1),
      trace: trace.compactions,
    });
    expect(result).toEqual({ items: [compaction], upstreamRequestId: "req_compact" });
    const [request] = server.requests;
    expect(kindOnTheWire(request)).toMatchObject({
      request_kind: "compaction",
      compaction: { implementation: "responses_compact", trigger: "manual" },
    });
    expect(Object.keys(request?.body as object)).toEqual([
      "model",
      "input",
      "instructions",
      "tools",
      "parallel_tool_calls",
      "reasoning",
      "prompt_cache_key",
    ]);
    const names = request?.headers.map(([name]) => name) ?? [];
    expect(names.filter((name) => /^x-|-id$/.test(name))).toEqual([
      "x-codex-installation-id",
      "x-codex-beta-features",
      "x-codex-window-id",
      "x-codex-turn-metadata",
      "session-id",
      "thread-id",
    ]);
    const state = await trace.reduce();
    expect(Object.values(state.compaction_requests)).toMatchObject([
      { execution: { status: "completed" } },
    ]);
  });

  test("[core/C11] v1 of nothing asks nobody", async () => {
    await using server = await startResponsesServer({ script: [] });
    const client = clientOf(server);
    const metadata = client.metadata(v1);
    expect(
      await client.compactConversationHistory({ prompt: { ...prompt, input: [] }, metadata }),
    ).toEqual({ items: [], upstreamRequestId: undefined });
    expect(server.requests).toEqual([]);
  });

  test("[core/S1-19] takes metadata of its own kind only, which the compiler checks", () => {
    const take = (given: CompactionRequestOptions<"responses_compact">["metadata"]) =>
      expect(given.threadId).toBe(threadId);
    const metadata = { threadId, turnId: "turn-1" };
    take(createResponsesMetadata({ ...metadata, requestKind: compactionBy("responses_compact") }));
    // @ts-expect-error another way of compacting
    take(createResponsesMetadata({ ...metadata, requestKind: v2.requestKind }));
    // @ts-expect-error no compaction
    take(createResponsesMetadata({ ...metadata, requestKind: { type: "turn" } }));
    // @ts-expect-error no kind at all
    take(createResponsesMetadata(metadata));
  });

  test("[core/compact-refused] a refused compaction is recorded as failed and rejects", async () => {
    await using server = await startResponsesServer({
      script: [
        {
          ...errorExchange(400, { message: "No.", requestId: "req_refused" }),
          path: "/responses/compact",
        },
      ],
    });
    await using trace = await startTrace();
    const client = clientOf(server);
    await expect(
      client.compactConversationHistory({
        prompt,
        metadata: client.metadata(v1),
        trace: trace.compactions,
      }),
    ).rejects.toMatchObject({ status: 400, upstreamRequestId: "req_refused" });
    expect(Object.values((await trace.reduce()).compaction_requests)).toMatchObject([
      { execution: { status: "failed" } },
    ]);
  });

  test("[core/compact-v2] v2 ends an ordinary request with a trigger and takes the one compaction item", async () => {
    await using server = await startResponsesServer({
      script: [
        streamExchange([message("ignored"), compactionDone], {
          requestId: "req_v2",
          responseId: "resp_v2",
        }),
      ],
    });
    await using trace = await startTrace();
    const client = clientOf(server);
    const session = client.newSession();
    const result = await session.streamCompaction({
      prompt,
      metadata: client.metadata(v2),
      trace: trace.compactions,
    });
    session.close();
    expect(result).toMatchObject({
      item: compaction,
      responseId: "resp_v2",
      upstreamRequestId: "req_v2",
    });
    const [request] = server.requests;
    expect(kindOnTheWire(request)).toMatchObject({
      request_kind: "compaction",
      compaction: { implementation: "responses_compaction_v2", trigger: "manual" },
    });
    expect(request?.body).toMatchObject({
      input: [{ type: "message" }, { type: "compaction_trigger" }],
    });
    expect(request?.headers.some(([name]) => name === "x-codex-inference-call-id")).toBe(false);
    const state = await trace.reduce();
    expect(Object.values(state.compaction_requests)).toHaveLength(1);
    expect(Object.values(state.inference_calls)).toEqual([]);
  });

  test("[core/K5] v2 refuses an answer with none or two compaction items", async () => {
    for (const items of [[message("none")], [compactionDone, compactionDone]]) {
      const ids = { requestId: "req_v2", responseId: "resp_v2" };
      await using server = await startResponsesServer({ script: [streamExchange(items, ids)] });
      const client = clientOf(server);
      const session = client.newSession();
      const error: unknown = await session
        .streamCompaction({ prompt, metadata: client.metadata(v2) })
        .catch((reason: unknown) => reason);
      expect(CoreError.is(error)).toBe(true);
      expect(error).toMatchObject({
        code: "compaction_unusable",
        upstreamRequestId: "req_v2",
        responseId: "resp_v2",
      });
      session.close();
    }
  });

  test("[core/compact-window] the window of a compaction is still the old one, the next request has the new one", async () => {
    await using server = await startResponsesServer({ script: [] });
    const client = clientOf(server);
    const before = client.metadata({ turnId: "t" });
    client.advanceWindowGeneration();
    expect(before.windowId).toBe(`${threadId}:0`);
    expect(client.metadata({ turnId: "t" }).windowId).toBe(`${threadId}:1`);
    client.setWindowGeneration(7);
    expect(client.windowId).toBe(`${threadId}:7`);
  });
});

describe("memory requests", () => {
  test("[core/S0-4] a summary of nothing sends nothing", async () => {
    await using server = await startResponsesServer({ script: [] });
    const keyless = testProvider(server.url, { envKey: "NO_SUCH_KEY" });
    expect(await clientOf(server, { provider: keyless }).summarizeMemories([])).toEqual({
      summaries: [],
      upstreamRequestId: undefined,
    });
    expect(server.requests).toEqual([]);
  });

  test("[core/memory-requests] carry the label of the sub-agent and no identity", async () => {
    await using server = await startResponsesServer({
      script: [
        {
          path: "/memories/trace_summarize",
          requestId: "req_memory",
          body: { output: [{ raw_memory: "long", memory_summary: "short" }] },
        },
      ],
    });
    const client = clientOf(server, { sessionSource: { internal: "memory_consolidation" } });
    const result = await client.summarizeMemories(
      [{ id: "1", metadata: { source_path: "/p" }, items: [] }],
      { reasoningEffort: "low" },
    );
    expect(result).toEqual({
      summaries: [{ traceSummary: "long", memorySummary: "short" }],
      upstreamRequestId: "req_memory",
    });
    const text = JSON.stringify([server.requests[0]?.headers, server.requests[0]?.body]);
    expect(text).toContain('["x-openai-subagent","memory_consolidation"]');
    expect(text).toContain('["x-openai-memgen-request","true"]');
    expect(text).not.toContain(threadId);
    expect(text).not.toContain(INSTALLATION_ID);
  });

  test("[core/S0-1] a sub-agent with a label of its own is named by it", () => {
    expect(subagentHeaders({ subagent: { other: "memory_consolidation" } })).toEqual([
      ["x-openai-subagent", "memory_consolidation"],
    ]);
  });

  test("[core/S0-2] the internal memory consolidation has the same label and says that it is internal", () => {
    expect(subagentHeaders({ internal: "memory_consolidation" })).toEqual([
      ["x-openai-subagent", "memory_consolidation"],
      ["x-openai-memgen-request", "true"],
    ]);
  });
});
