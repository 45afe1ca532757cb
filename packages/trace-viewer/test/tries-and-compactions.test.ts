import type { InferenceCall, ReducedTrace } from "@codex-ts/rollout-trace";
import type { WireRequest } from "@codex-ts/rollout-trace/wire";
import type { WireChain } from "@codex-ts/trace-viewer-page/format";
import { expect, test } from "vitest";
import { pageCompactions } from "../src/build/page-compactions.ts";
import type { WireCompaction } from "../src/build/page-compactions.ts";
import { dataOf, renderWhole } from "./support/render.ts";
import { runBundle, userMessage } from "./support/run.ts";
import { compactedRun, triedRun } from "./support/tries.ts";
import { SOCKET, TIMES, UNREACHED, startOf, wireLines, wiredRun } from "./support/wire.ts";
import type { Attempt } from "./support/wire.ts";

const indexOf = async (source = triedRun()) => dataOf(await renderWhole(source)).index;

test("[trace-viewer/compactions] one that only the wire log knows stands between its requests", async () => {
  const { compactions } = await indexOf(compactedRun());
  expect(compactions).toEqual([
    {
      agent: 0,
      at: startOf(1) + 400,
      lastedMs: 590,
      isFailed: false,
      previous: 0,
      next: 1,
      chain: expect.any(Number) as number,
    },
  ]);
  const failed = await indexOf(compactedRun({ outcome: "failed" }));
  expect(failed.compactions).toMatchObject([{ isFailed: true }]);
});

test("[trace-viewer/compactions] one that trace and wire log both know is one, by its ids or its place", () => {
  const state = {
    compactions: {
      one: {
        thread_id: "thread",
        installed_at_unix_ms: 150,
        request_ids: ["request"],
        replacement_item_ids: ["a", "b"],
      },
    },
    compaction_requests: {},
  } as unknown as ReducedTrace;
  const wire = (compactionRequestIds: readonly string[], at: number): WireCompaction => ({
    chain: 7,
    request: {
      compactionRequestIds,
      threadId: "thread",
      outcome: "completed",
      attempts: [{ started: { queued_at_ms: at }, ended: { t: { ended: 20_000 } } }],
    } as unknown as WireRequest,
  });
  const calls = [100, 200, 300].map((at) => ({
    thread_id: "thread",
    execution: { started_at_unix_ms: at },
  })) as unknown as InferenceCall[];
  const found = (...log: readonly WireCompaction[]) =>
    pageCompactions(state, log, { calls, agentOf: () => 0 });
  const known = { at: 120, lastedMs: 20, items: 2, previous: 0, next: 1, chain: 7 };
  expect(found(wire(["request"], 120))).toMatchObject([known]);
  expect(found(wire([], 120))).toMatchObject([known]);
  expect(found(wire(["another"], 120), wire([], 250))).toMatchObject([
    { at: 120, items: undefined },
    { at: 150, items: 2, chain: undefined },
    { at: 250, items: undefined, previous: 1, next: 2 },
  ]);
});

test("[trace-viewer/tries] every try has its own reason, and the first says how often all were sent", async () => {
  const { requests } = await indexOf();
  expect(requests.map(({ wire }) => [wire?.reason, wire?.sent])).toEqual([
    [undefined, 1],
    ["silent 4.3 s", 3],
    ["closed 1011", 0],
    ["400 invalid_value", 0],
  ]);
});

test("[trace-viewer/tries] a silence that ended in a time-out counts, whatever it takes to be a stall", async () => {
  const { wire, ledger } = await indexOf();
  expect(wire?.lost.stalledMs).toBe(4319);
  expect(ledger.total).toMatchObject({ attempts: 4, warmUps: 0 });
  expect(ledger.requests.map(({ firstEventMs }) => firstEventMs)).toEqual([
    ...Array.from({ length: 3 }, () => ledger.total.firstEvent?.max),
    undefined,
  ]);
});

test("[trace-viewer/tries] where a stream was silent is known from its stalls, but for two of the same kind", async () => {
  const stall = (atMs: number, gapMs: number): object => ({
    type: "stall",
    at_ms: startOf(1) + 10 + atMs,
    gap_ms: gapMs,
    after_event: "response.created",
    events: 1,
  });
  const silenceIn = async (...followedBy: readonly object[]) => {
    const slow: Attempt = {
      id: "slow",
      responded: { status: 200 },
      ended: {
        status: 200,
        stalls: followedBy.length,
        max_gap_us: 40_000_000,
        t: { ...TIMES, last_event: 90_000_000, ended: 90_001_000 },
      },
      followedBy,
    };
    const { index, texts } = dataOf(await renderWhole(wiredRun(wireLines([slow]))));
    const chain = JSON.parse(texts[index.requests[0]?.wire?.chain ?? -1] ?? "") as WireChain;
    return [chain.attempts[0]?.silentMs, chain.attempts[0]?.silentFromMs];
  };
  expect(await silenceIn(stall(7000, 5000), stall(32_010, 30_000))).toEqual([40_000, 2000]);
  expect(await silenceIn(stall(7000, 5000), stall(60_000, 5000))).toEqual([40_000, undefined]);
});

test("[trace-viewer/ids] a try that began a response has its id, a connection that of its handshake", async () => {
  const { requests } = await indexOf();
  expect(requests.map(({ responseId }) => responseId)).toEqual([
    "resp_1",
    "resp_begun",
    null,
    null,
  ]);
  const name = "x-request-id of the connection";
  expect(requests.map(({ wire }) => wire?.connection)).toEqual([
    [name, "req_socket"],
    [name, "req_socket"],
    [name, "req_second"],
    undefined,
  ]);
});

test("[trace-viewer/ids] a refused handshake has ids of its own, which are no request's, and one to send", async () => {
  const refused: Attempt = {
    id: "upgrade",
    kind: "connect",
    started: { ...SOCKET, endpoint: "handshake" },
    responded: { status: 403 },
    ended: {
      outcome: "failed",
      status: 403,
      t: { ...TIMES, ...UNREACHED },
      error: { code: "http_status", status: 403, message: "no request id: req_named_by_it" },
    },
  };
  const { index, texts } = dataOf(await renderWhole(wiredRun(wireLines([refused]))));
  const chain = JSON.parse(texts[index.wire?.others[0]?.chain ?? -1] ?? "") as WireChain;
  const name = "x-request-id of the refused handshake";
  expect(chain.diagnosis?.id).toEqual([name, "req_upgrade"]);
  expect(chain.attempts[0]?.ids).toEqual([
    [name, "req_upgrade"],
    ["cf-ray of the refused handshake", "ray_upgrade"],
    ["differing request id named in the message", "req_named_by_it"],
  ]);
});

test("[trace-viewer/changes] an item that differs in its id alone is known, another agent's or another text is not", async () => {
  const one = { ...userMessage("one"), id: "msg_1" };
  const { items } = await indexOf(
    runBundle([{ input: [one] }, { input: [{ ...one, id: "msg_2" }, userMessage("two")] }], {
      schema: 2,
    }),
  );
  expect(items.map(({ sameAs }) => sameAs)).toEqual([undefined, 0, undefined]);
});
