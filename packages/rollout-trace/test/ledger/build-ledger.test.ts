import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import type { ReducedTrace } from "@codex-ts/rollout-trace";
import { buildLedger } from "@codex-ts/rollout-trace/ledger";
import type { LedgerSum, PriceList } from "@codex-ts/rollout-trace/ledger";
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

test.skipIf(!hasCorpus)(
  "[trace/ledger] sums of every recorded bundle are those of its state",
  async () => {
    const bundles = ["0.140.0", "0.169.0"].flatMap((version) => recordedBundles(version));
    let checked = 0;
    for (const { folder } of bundles) {
      const { state } = await reduceBundle(openBundle(folder));
      const ledger = buildLedger(state);
      const expected = { input: 0, output: 0, cached: 0, reasoning: 0, requests: 0 };
      for (const line of readFileSync(join(folder, "trace.jsonl"), "utf8").split("\n")) {
        if (line.includes('"type":"inference_started"')) expected.requests += 1;
      }
      for (const { usage } of Object.values(state.inference_calls)) {
        expected.input += usage?.input_tokens ?? 0;
        expected.output += usage?.output_tokens ?? 0;
        expected.cached += usage?.cached_input_tokens ?? 0;
        expected.reasoning += usage?.reasoning_output_tokens ?? 0;
      }
      expect(ledger.total.requests).toBe(expected.requests);
      for (const sums of [[ledger.total], ledger.turns, ledger.agents]) {
        expect(tokensOf(sums)).toEqual([
          expected.input,
          expected.cached,
          expected.output,
          expected.reasoning,
        ]);
      }
      checked += 1;
    }
    expect(checked).toBeGreaterThan(100);
  },
);

function tokensOf(sums: readonly LedgerSum[]): number[] {
  return (["input", "cachedInput", "output", "reasoningOutput"] as const).map((name) =>
    sums.reduce((sum, { tokens }) => sum + tokens[name], 0),
  );
}
