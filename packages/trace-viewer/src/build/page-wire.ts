import type { InferenceCall, ReducedTrace } from "@codex-ts/rollout-trace";
import {
  attemptPurpose,
  joinWire,
  serverIdOf,
  silenceMs,
  summarizeWire,
} from "@codex-ts/rollout-trace/wire";
import type {
  WireAttempt,
  WireCallFacts,
  WireDiagnosis,
  WireFinding,
  WireJoin,
  WireLog,
  WireRequest,
} from "@codex-ts/rollout-trace/wire";
import type {
  ChainAttempt,
  ChainDiagnosis,
  PageFinding,
  PageRequestWire,
  PageWire,
  WireChain,
  WireCount,
} from "@codex-ts/trace-viewer-page/format";
import { attemptReason } from "./attempt-reason.ts";
import type { WireCompaction } from "./page-compactions.ts";
import { attemptIds, connectionId, supportText } from "./support-ids.ts";
import type { TextBlocks } from "./text-blocks.ts";

interface WireOptions {
  /** Number of a request by the id of its call. */
  readonly requestOf: (callId: string) => number | undefined;
  readonly blocks: TextBlocks;
}

/** The wire log in a page: as a whole, and by request. */
export interface PageWireParts {
  readonly join: WireJoin | undefined;
  readonly whole: PageWire | undefined;
  readonly of: (call: InferenceCall) => PageRequestWire | undefined;
  /** `response.id` of a call, also of one that did not complete. */
  readonly responseIdOf: (call: InferenceCall) => string | undefined;
  readonly compactions: readonly WireCompaction[];
}

/**
 * Lists show little of a request's way and many requests, so the index has that little, and everything else is a text,
 * which is decoded when it is looked at.
 */
export function pageWire(state: ReducedTrace, log: WireLog, options: WireOptions): PageWireParts {
  if (!log.isPresent)
    return {
      join: undefined,
      whole: undefined,
      of: () => undefined,
      responseIdOf: () => undefined,
      compactions: [],
    };
  const join = joinWire(state, log);
  const { findings, connections, retries, switches, lost } = summarizeWire(log, join);
  const findingOf = new Map<WireRequest, WireFinding>(
    findings.map((finding) => [finding.request, finding]),
  );
  const ofCall = new Map<string, CallFacts>();
  const compactions: WireCompaction[] = [];
  const others: PageWire["others"][number][] = [];
  for (const request of join.requests) {
    const chain = options.blocks.add(JSON.stringify(chainOf(request, options)));
    const facts = { finding: pageFinding(findingOf.get(request)), chain };
    const { inferenceCallIds: ids } = request;
    const sent = request.attempts.filter((attempt) => attemptPurpose(attempt) === "request").length;
    for (const id of ids)
      ofCall.set(id, { ...facts, sent: id === ids[0] ? sent : 0, isAlone: ids.length === 1 });
    if (request.kind === "compaction") compactions.push({ request, chain });
    if (ids.length === 0) others.push({ kind: request.kind, ...facts });
  }
  return {
    join,
    whole: {
      summary: { connections, retries, switches },
      counts: attemptCounts(log.attempts),
      lost,
      others,
      diagnostics: join.diagnostics,
    },
    of: (call) => requestWire(call, join.calls, ofCall),
    responseIdOf: ({ inference_call_id: id }) => join.calls.get(id)?.responseId,
    compactions,
  };
}

/** Facts of a chain about each of its calls. */
type CallFacts = Pick<PageRequestWire, "finding" | "chain" | "sent"> & {
  readonly isAlone: boolean;
};

/** Each kind with its own failures: a total would leave open which of them failed. */
function attemptCounts(attempts: readonly WireAttempt[]): PageWire["counts"] {
  const kinds = { http: "over HTTP", websocket: "over WebSocket" } as const;
  return Object.entries(kinds).flatMap(([transport, name]) => {
    const own = Map.groupBy(
      attempts.filter(({ started }) => started.transport === transport),
      attemptPurpose,
    );
    const counts = (["request", "warm-up", "handshake"] as const).flatMap((what): WireCount[] => {
      const all = own.get(what);
      if (all === undefined) return [];
      const failed = all.filter(({ ended }) => ended?.outcome === "failed").length;
      return [{ what, count: all.length, failed }];
    });
    return counts.length === 0 ? [] : [[name, counts] as const];
  });
}

function pageFinding(finding: WireFinding | undefined): PageFinding | undefined {
  if (finding === undefined) return undefined;
  const { severity, request } = finding;
  return { severity, code: codeOf(request.diagnosis), sentence: request.diagnosis.sentence };
}

function codeOf({ code, firstCode }: WireDiagnosis): string {
  return firstCode === undefined ? code : `${code} (${firstCode})`;
}

function requestWire(
  { inference_call_id: id }: InferenceCall,
  calls: ReadonlyMap<string, WireCallFacts>,
  ofCall: ReadonlyMap<string, CallFacts>,
): PageRequestWire | undefined {
  const facts = calls.get(id);
  const chain = ofCall.get(id);
  const last = facts?.attempts.findLast(({ started }) => started.endpoint !== "handshake");
  if (facts === undefined || chain === undefined || last === undefined) return undefined;
  const { isAlone, ...shown } = chain;
  return {
    transport: last.started.transport,
    connection: connectionId(facts.connection),
    reason: isAlone ? chain.finding?.sentence : attemptReason(last),
    ...shown,
  };
}

function chainOf(
  { kind, inferenceCallIds, diagnosis, attempts }: WireRequest,
  { requestOf }: WireOptions,
): WireChain {
  return {
    kind,
    requests: inferenceCallIds.flatMap((id) => requestOf(id) ?? []),
    diagnosis: diagnosis && chainDiagnosis(diagnosis),
    attempts: attempts.map((attempt): ChainAttempt => {
      const { started, responded, ended, retry, auth, switched, stalls, connection } = attempt;
      return {
        request: requestOf(started.inference_call_id ?? "") ?? -1,
        started,
        responded,
        ended,
        retry,
        auth,
        switched,
        stalls: stalls.length,
        silentMs: silenceMs(attempt),
        silentFromMs: silenceStart(attempt),
        closed: connection?.closed,
        ids: attemptIds(attempt),
      };
    }),
  };
}

/** Of two stalls after events of the same name the log does not say which one was the longest silence. */
function silenceStart(attempt: WireAttempt): number | undefined {
  const { started, ended, stalls } = attempt;
  const silentMs = silenceMs(attempt);
  if (ended === undefined || silentMs === 0) return undefined;
  if (ended.timeout === "idle") return ended.t.ended / 1000 - silentMs;
  const starts = stalls
    .filter(({ after_event: event }) => event === ended.max_gap_after)
    .map(({ at_ms: at, gap_ms: gap }) => at - gap - started.queued_at_ms);
  const [start] = starts;
  // A silence that goes on is told of again.
  const isOne = starts.every((each) => Math.abs(each - (start ?? 0)) < SAME_MS);
  return isOne ? start : undefined;
}

const SAME_MS = 500;

function chainDiagnosis(diagnosis: WireDiagnosis): ChainDiagnosis {
  const { code, firstCode, sentence, advice, isNothingToSend } = diagnosis;
  return {
    code,
    sentence,
    isNothingToSend,
    ids: supportText(diagnosis),
    id: serverIdOf(diagnosis.ids),
    ...(firstCode !== undefined && { firstCode }),
    ...(advice !== undefined && { advice }),
  };
}
