import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memoryBundle, openBundle, readContents, reduceBundle } from "@codex-ts/rollout-trace";
import type { ReducedTrace } from "@codex-ts/rollout-trace";
import { buildLedger, serviceTiers } from "@codex-ts/rollout-trace/ledger";
import type { LedgerSum, PriceList } from "@codex-ts/rollout-trace/ledger";
import type { WireJoin } from "@codex-ts/rollout-trace/wire";
import { isLongForm, readTracePayload } from "@codex-ts/test-support";
import type { TracePayloadReference } from "@codex-ts/test-support";
import { BundleBuilder } from "../reducer/support/bundle-builder.ts";
import { hasCorpus, recordedBundles } from "../support/corpus.ts";

const WINDOW = {
  started_at_unix_ms: 1000,
  started_seq: 1,
  ended_at_unix_ms: 1500,
  ended_seq: 2,
  status: "completed",
} as const;

function emptyState(): ReducedTrace {
  return {
    schema_version: 2,
    trace_id: "trace",
    rollout_id: "rollout",
    started_at_unix_ms: 0,
    ended_at_unix_ms: null,
    status: "running",
    root_thread_id: "root",
    threads: {},
    codex_turns: {},
    conversation_items: {},
    inference_calls: {},
    code_cells: {},
    tool_calls: {},
    terminal_sessions: {},
    terminal_operations: {},
    compactions: {},
    compaction_requests: {},
    interaction_edges: {},
    raw_payloads: {},
  };
}

function call(
  id: string,
  members: Partial<ReducedTrace["inference_calls"][string]>,
): ReducedTrace["inference_calls"][string] {
  return {
    inference_call_id: id,
    thread_id: "root",
    codex_turn_id: "turn-1",
    execution: WINDOW,
    model: "gpt-a",
    provider_name: "mock",
    response_id: `resp_${id}`,
    upstream_request_id: `req_${id}`,
    request_item_ids: [],
    response_item_ids: [],
    tool_call_ids_started_by_response: [],
    usage: {
      input_tokens: 100,
      cached_input_tokens: 40,
      cache_write_input_tokens: 10,
      output_tokens: 20,
      reasoning_output_tokens: 5,
    },
    raw_request_payload_id: "raw_payload:1",
    raw_response_payload_id: null,
    ...members,
  };
}

function thread(id: string, parent?: string): ReducedTrace["threads"][string] {
  return {
    thread_id: id,
    agent_path: parent === undefined ? "/root" : `/root/${id}`,
    nickname: null,
    origin:
      parent === undefined
        ? { type: "root" }
        : {
            type: "spawned",
            parent_thread_id: parent,
            spawn_edge_id: `edge:${id}`,
            task_name: id,
            agent_role: "",
          },
    execution: WINDOW,
    default_model: "gpt-a",
    conversation_item_ids: [],
  };
}

const PRICES: PriceList = {
  currency: "USD",
  per: 1_000_000,
  models: {
    "gpt-a": { input: 1.25, cached_input: 0.125, cache_write: 2, output: 10, tiers: { flex: 0.5 } },
  },
};

test("[trace/ledger] requests stand in order of their start, with both ids apart and unknown tokens unknown", () => {
  const state: ReducedTrace = {
    ...emptyState(),
    threads: { root: thread("root") },
    inference_calls: {
      // The map is sorted by id, which says nothing about time.
      a: call("a", {
        execution: { ...WINDOW, started_seq: 9, ended_at_unix_ms: null, status: "running" },
        usage: null,
        response_id: null,
      }),
      b: call("b", {}),
    },
  };
  const { requests, total } = buildLedger(state);
  expect(
    requests.map(({ number, responseId, upstreamRequestId, durationMs, tokens }) => [
      number,
      responseId,
      upstreamRequestId,
      durationMs,
      tokens?.total,
    ]),
  ).toEqual([
    [1, "resp_b", "req_b", 500, 120],
    [2, null, "req_a", undefined, undefined],
  ]);
  expect(total).toMatchObject({ requests: 2, requestsWithoutTokens: 1, durationMs: 500 });
  expect(total.tokens).toEqual({
    input: 100,
    cachedInput: 40,
    cacheWriteInput: 10,
    output: 20,
    reasoningOutput: 5,
    total: 120,
  });
});

test("[trace/ledger] an agent's own sum and the one with the agents it started", () => {
  const state: ReducedTrace = {
    ...emptyState(),
    threads: {
      root: thread("root"),
      child: thread("child", "root"),
      grandchild: thread("grandchild", "child"),
    },
    inference_calls: {
      a: call("a", {}),
      b: call("b", { thread_id: "child", codex_turn_id: "turn-2" }),
      c: call("c", { thread_id: "grandchild", codex_turn_id: "turn-3" }),
    },
  };
  const counts = buildLedger(state).agents.map(({ threadId, requests, withChildren }) => [
    threadId,
    requests,
    withChildren.requests,
  ]);
  expect(counts).toEqual([
    ["root", 1, 3],
    ["child", 1, 2],
    ["grandchild", 1, 1],
  ]);
});

test("a recording in which two threads started each other ends the search for children", () => {
  const state: ReducedTrace = {
    ...emptyState(),
    threads: { a: thread("a", "b"), b: thread("b", "a") },
    inference_calls: { x: call("x", { thread_id: "a" }) },
  };
  const { agents } = buildLedger(state);
  expect(agents.map(({ withChildren }) => withChildren.requests)).toEqual([1, 1]);
});

test("[trace/ledger] costs are known only where tokens and a price are", () => {
  const state: ReducedTrace = {
    ...emptyState(),
    inference_calls: {
      a: call("a", {}),
      b: call("b", { model: "gpt-other" }),
      c: call("c", { usage: null }),
    },
  };
  const { total, requests, unpricedModels, currency } = buildLedger(state, { prices: PRICES });
  // 50 plain at 1.25, 40 cached at 0.125, 10 written at 2, 20 out at 10, each for a million.
  expect(requests.map(({ costNano }) => costNano)).toEqual([287_500, undefined, undefined]);
  expect(total).toMatchObject({ costNano: 287_500, requestsWithoutCost: 2 });
  expect([unpricedModels, currency]).toEqual([["gpt-other"], "USD"]);
  expect(buildLedger(state).total).toMatchObject({ costNano: undefined, requestsWithoutCost: 0 });
});

test("[trace/ledger] the service tier of a request changes its price", () => {
  const state = { ...emptyState(), inference_calls: { a: call("a", {}) } };
  const cost = (tier: string | undefined): number | undefined =>
    buildLedger(state, { prices: PRICES, serviceTierOf: () => tier }).total.costNano;
  expect([cost("flex"), cost("default"), cost(undefined)]).toEqual([143_750, 287_500, 287_500]);
});

/** In the suite every sixth bundle of each version. */
const BUNDLES = ["0.132.0", "0.140.0", "0.169.0", "0.171.0"].flatMap((version) =>
  recordedBundles(version).filter((_, index) => isLongForm || index % 6 === 0),
);

test.skipIf(!hasCorpus)(
  "[trace/VW-10] sums of recorded bundles are those of the responses as they were recorded",
  async () => {
    let withTokens = 0;
    for (const { folder } of BUNDLES) {
      const { state } = await reduceBundle(openBundle(folder));
      const ledger = buildLedger(state);
      const recorded = recordedTokens(folder);
      if (recorded.tokens.some((count) => count > 0)) withTokens += 1;
      expect([folder, ledger.total.requests]).toEqual([folder, recorded.requests]);
      for (const sums of [[ledger.total], ledger.turns, ledger.agents])
        expect([folder, tokensOf(sums)]).toEqual([folder, recorded.tokens]);
    }
    expect(withTokens).toBeGreaterThan(BUNDLES.length / 2);
  },
  60_000,
);

interface RecordedEvent {
  readonly payload: {
    readonly type: string;
    readonly response_payload?: TracePayloadReference | null;
  };
}

const COUNTERS = [
  "input_tokens",
  "cached_input_tokens",
  "output_tokens",
  "reasoning_output_tokens",
] as const;

/** Added up from the files of a bundle, past the reducer. */
function recordedTokens(folder: string): { requests: number; tokens: readonly number[] } {
  const tokens = COUNTERS.map(() => 0);
  let requests = 0;
  const lines = readFileSync(join(folder, "trace.jsonl"), "utf8").trim().split("\n");
  for (const line of lines) {
    const { payload } = JSON.parse(line) as RecordedEvent;
    if (payload.type === "inference_started") requests += 1;
    if (payload.type !== "inference_completed" || !payload.response_payload) continue;
    const response = JSON.parse(readTracePayload(folder, payload.response_payload)) as {
      readonly token_usage?: Readonly<Record<string, number>> | null;
    };
    for (const [index, name] of COUNTERS.entries())
      tokens[index] = (tokens[index] ?? 0) + (response.token_usage?.[name] ?? 0);
  }
  return { requests, tokens };
}

test("[trace/ledger] the service tier is read from the request", async () => {
  const bundle = new BundleBuilder(1);
  bundle.event(
    "rollout_started",
    { trace_id: "t", root_thread_id: "x" },
    { thread: null, turn: null },
  );
  bundle.thread("01a1fa2c-0000-7000-8000-000000000001", "/root").turn("turn-1");
  for (const [index, members] of [{ service_tier: "flex" }, {}, { service_tier: null }].entries())
    bundle.request(`call-${index}`, [], members).response(`call-${index}`, []);
  const contents = await readContents(memoryBundle(bundle.files()));
  const tierOf = serviceTiers(contents);
  expect(Object.values(contents.state.inference_calls).map(tierOf)).toEqual([
    "flex",
    undefined,
    undefined,
  ]);
});

function tokensOf(sums: readonly LedgerSum[]): number[] {
  return (["input", "cachedInput", "output", "reasoningOutput"] as const).map((name) =>
    sums.reduce((sum, { tokens }) => sum + tokens[name], 0),
  );
}

/** A wire log with so many tries of each call, the last of which began to answer after so many milliseconds. */
function wireJoin(tries: Readonly<Record<string, readonly (number | null)[]>>): WireJoin {
  const attempt = (
    firstEvent: number | null,
    facts: { readonly endpoint?: string; readonly generate?: false } = {},
  ) => ({
    started: {
      endpoint: facts.endpoint ?? "responses",
      queued_at_ms: 1000,
      request: facts.generate === false ? { generate: false } : {},
    },
    ended: { t: { first_event: firstEvent === null ? null : firstEvent * 1000 } },
  });
  const place = { threadId: "root", turnId: "turn-1", compactionRequestIds: [] };
  return {
    calls: new Map(
      Object.entries(tries).map(([id, times]) => [
        id,
        { attempts: [attempt(1, { endpoint: "handshake" }), ...times.map((ms) => attempt(ms))] },
      ]),
    ),
    requests: [
      { ...place, kind: "prewarm", attempts: [attempt(1, { generate: false })] },
      { ...place, kind: "compaction", attempts: [attempt(1)] },
      { ...place, kind: "compaction", attempts: [attempt(1)], compactionRequestIds: ["known"] },
    ],
  } as unknown as WireJoin;
}

test("[trace/ledger] a wire log adds tries, first events, warm-ups and compactions the trace has not", () => {
  const first = Array.from({ length: 20 }, (_, index) => `call-${index + 10}`);
  const state: ReducedTrace = {
    ...emptyState(),
    threads: { root: thread("root"), child: thread("child", "root") },
    inference_calls: Object.fromEntries([
      ...first.map((id) => [id, call(id, {})]),
      ["other", call("other", { thread_id: "child", codex_turn_id: "turn-2" })],
    ]),
    compaction_requests: {
      known: {
        compaction_request_id: "known",
        compaction_id: "compaction",
        thread_id: "root",
        codex_turn_id: "turn-1",
        execution: WINDOW,
        model: "gpt-a",
        provider_name: "mock",
        raw_request_payload_id: "raw_payload:2",
        raw_response_payload_id: null,
      },
    },
  };
  const wire = wireJoin({
    ...Object.fromEntries(first.map((id, index) => [id, [(index + 1) * 10]])),
    "call-10": [null, null, 10],
  });
  const { requests, turns, agents, total } = buildLedger(state, { wire });
  expect(requests.slice(0, 2).map((each) => [each.attempts, each.firstEventMs])).toEqual([
    [3, 10],
    [1, 20],
  ]);
  // Of 20 times in steps of ten the tenth, the nineteenth and the last.
  const firstEvent = { p50: 100, p95: 190, max: 200 };
  const root = { attempts: 22, warmUps: 1, compactionRequests: 2, firstEvent };
  const nothing = { attempts: undefined, warmUps: 0, compactionRequests: 0, firstEvent: undefined };
  expect(total).toMatchObject(root);
  expect(turns).toMatchObject([root, nothing]);
  expect(agents).toMatchObject([{ ...root, withChildren: root }, nothing]);
  const without = buildLedger(state);
  expect(without.total).toMatchObject({ ...nothing, warmUps: undefined, compactionRequests: 1 });
  expect(without.requests[0]).toMatchObject({ attempts: undefined, firstEventMs: undefined });
});
