import type { WireTransportSwitched } from "../records.ts";
import type { WireJoin, WireRequest } from "./join-wire.ts";
import type { WireLog } from "./read-wire-log.ts";
import { silenceMs } from "./silence.ts";
import type { WireAttempt } from "./wire-attempts.ts";

/** Attempts over one transport. */
export interface WireAttemptCounts {
  /** Requests that were sent, warm-ups and repetitions counted, handshakes left out. */
  readonly tries: number;
  /** Those of `tries` that only warmed a connection up. */
  readonly warmUps: number;
  /** Those of `tries` that were to compact the history. */
  readonly compactions: number;
  readonly handshakes: number;
  /** Of tries and handshakes. */
  readonly failed: number;
  readonly failedHandshakes: number;
  /** Of tries and handshakes that were stopped before they had ended. */
  readonly stopped: number;
}

/** Where the time of a run went besides waiting for a model, in milliseconds. */
export interface WireLostTime {
  /** From the request for credentials to a connection. */
  readonly connectingMs: number;
  /** Planned waits before something was sent again, and of one that was broken off what was waited till then. */
  readonly waitingForRetriesMs: number;
  /** Longest silence of each stream that was silent for 5 seconds or more, or was given up for its silence. */
  readonly stalledMs: number;
}

/** A request that did not simply work. */
export interface WireFinding {
  /**
   * `failed`: it got no response for good. `note`: it got one after all, was stopped by its user, or nobody needed
   * it, as a start-up warm-up.
   */
  readonly severity: "failed" | "note";
  readonly request: WireRequest & { readonly diagnosis: NonNullable<WireRequest["diagnosis"]> };
}

/** A wire log in a few numbers, and what is worth saying about it. */
export interface WireSummary {
  readonly http: WireAttemptCounts;
  readonly websocket: WireAttemptCounts;
  readonly connections: number;
  /** Requests that were sent again; one that was to be, and never was, is none. */
  readonly retries: number;
  readonly lost: WireLostTime;
  readonly switches: readonly WireTransportSwitched[];
  /** In the order of their requests. */
  readonly findings: readonly WireFinding[];
  /** Whether any request failed for good. */
  readonly hasFailures: boolean;
}

/** Requests a run goes on without. */
const DISPENSABLE: ReadonlySet<string> = new Set(["prewarm", "connect"]);

/** Sums up a wire log and its join. Pure. */
export function summarizeWire(wire: WireLog, { requests }: WireJoin): WireSummary {
  const { records, attempts } = wire;
  // What nothing followed was not waited to its end, and is no retry.
  const retries = requests.flatMap(({ attempts: all }) =>
    all.slice(0, -1).flatMap(({ retry }) => retry ?? []),
  );
  const findings = requests.flatMap((request): WireFinding[] =>
    hasDiagnosis(request) ? [{ severity: severityOf(request), request }] : [],
  );
  return {
    http: countsOf(attempts.filter(({ started }) => started.transport === "http")),
    websocket: countsOf(attempts.filter(({ started }) => started.transport === "websocket")),
    connections: wire.connections.length,
    retries: retries.length,
    lost: {
      connectingMs: toMs(sum(attempts, connectingUs)),
      waitingForRetriesMs:
        sum(retries, ({ delay_ms: delayMs }) => delayMs) +
        sum(requests, ({ brokenOffWaitMs }) => brokenOffWaitMs ?? 0),
      stalledMs: Math.round(sum(attempts, silenceMs)),
    },
    switches: records.filter((record) => record.type === "transport_switched"),
    findings,
    hasFailures: findings.some(({ severity }) => severity === "failed"),
  };
}

function hasDiagnosis(request: WireRequest): request is WireFinding["request"] {
  return request.diagnosis !== undefined;
}

function severityOf({ kind, outcome, diagnosis }: WireRequest): WireFinding["severity"] {
  const isOver = outcome === "completed" || diagnosis?.code === "cancelled";
  return isOver || DISPENSABLE.has(kind) ? "note" : "failed";
}

function countsOf(attempts: readonly WireAttempt[]): WireAttemptCounts {
  const handshakes = attempts.filter(({ started }) => started.endpoint === "handshake");
  const tries = attempts.filter(({ started }) => started.endpoint !== "handshake");
  const ofKind = (kind: string): number =>
    tries.filter(({ started }) => started.request_kind === kind).length;
  return {
    tries: tries.length,
    warmUps: ofKind("prewarm"),
    compactions: ofKind("compaction"),
    handshakes: handshakes.length,
    failed: endedAs(attempts, "failed"),
    failedHandshakes: endedAs(handshakes, "failed"),
    stopped: endedAs(attempts, "cancelled"),
  };
}

function endedAs(
  attempts: readonly WireAttempt[],
  outcome: NonNullable<WireAttempt["ended"]>["outcome"],
): number {
  return attempts.filter(({ ended }) => ended?.outcome === outcome).length;
}

/** A request that found an open connection connected to nothing. */
function connectingUs({ started, ended }: WireAttempt): number {
  const isWithoutConnecting = ended?.reused === true || started.position !== undefined;
  if (ended === undefined || isWithoutConnecting) return 0;
  return ended.t.connected ?? ended.t.ended;
}

function sum<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}

function toMs(microseconds: number): number {
  return Math.round(microseconds / 1000);
}
