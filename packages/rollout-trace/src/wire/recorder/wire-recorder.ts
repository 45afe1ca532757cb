import type {
  AttemptEnded,
  AttemptResponded,
  AttemptStarted,
  ConnectionClosed,
  ConnectionOpened,
  StreamFrame,
  StreamStall,
} from "@codex-ts/protocol";
import { RecentMap } from "../../recorder/recent-map.ts";
import type { WireAuth, WireRequestFacts, WireTransportSwitched } from "../records.ts";
import {
  attemptEnded,
  attemptResponded,
  attemptStarted,
  connectionClosed,
  connectionOpened,
} from "./attempt-records.ts";
import { boundedText } from "./bounded-text.ts";
import { FrameBatch } from "./frame-batch.ts";
import type { NewWireRecord, WireLog } from "./wire-log.ts";

/** The request whose attempts are recorded. */
export interface WireCall {
  /** Id of its attempt in the trace. */
  readonly inferenceCallId?: string | undefined;
  /** Id of its compaction request in the trace. */
  readonly compactionRequestId?: string | undefined;
  readonly turnId?: string | undefined;
  /** Default: by its endpoint. */
  readonly requestKind?: string | undefined;
}

/** Sees the attempts of one request; a `TransportObserver` of `@codex-ts/api`. */
export interface WireObserver {
  onAttemptStarted(attempt: AttemptStarted): void;
  onAttemptResponded(response: AttemptResponded): void;
  onStreamStalled(stall: StreamStall): void;
  /** Only where frames are recorded: it costs something for every event. */
  onStreamFrame?(frame: StreamFrame): void;
  onAttemptEnded(attempt: AttemptEnded): void;
  onConnectionOpened(connection: ConnectionOpened): void;
  onConnectionClosed(connection: ConnectionClosed): void;
}

/** A failed request that the turn sends again. */
export interface WireRetry extends Pick<WireCall, "turnId" | "requestKind"> {
  readonly delayMs: number;
  readonly delaySource: "backoff" | "retry_after";
  readonly reason: string;
  /** From 1. */
  readonly number: number;
  readonly maxRetries: number;
}

/** Credentials were renewed after a refusal, or could not be. */
export interface WireAuthRecovery extends Pick<WireCall, "turnId" | "requestKind"> {
  readonly step: WireAuth["step"];
  readonly outcome: WireAuth["outcome"];
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly durationMs: number;
}

/** Requests take another transport from now on. */
export interface WireSwitch extends Pick<WireCall, "turnId" | "requestKind"> {
  readonly from: WireTransportSwitched["from"];
  readonly to: WireTransportSwitched["to"];
  readonly cause: WireTransportSwitched["cause"];
}

/** Turns whose last attempt is known at least: they are over and do not come back; only the last ones are asked for. */
const MIN_KNOWN_TURNS = 16;

/**
 * Records in the wire log what the requests of one thread go through. A disabled one has the same type and does nothing.
 * Nothing here throws.
 */
export class WireRecorder {
  readonly #log: WireLog | undefined;
  readonly #threadId: string;
  readonly #hasFrames: boolean;
  /** The last attempt of a turn that ended, by turn id. */
  readonly #lastAttempts = new RecentMap<string>(MIN_KNOWN_TURNS);

  /** @internal */
  constructor(log: WireLog | undefined, threadId: string, hasFrames: boolean) {
    this.#log = log;
    this.#threadId = threadId;
    this.#hasFrames = hasFrames;
  }

  /** Whether anything is recorded. */
  get isEnabled(): boolean {
    return this.#log !== undefined;
  }

  /** The observer of one request; `undefined` when nothing is recorded. */
  observerOf(call: WireCall): WireObserver | undefined {
    const log = this.#log;
    if (log === undefined) return undefined;
    const facts = new Map<string, WireRequestFacts>();
    const factsOf = (attempt: AttemptStarted): WireRequestFacts => {
      const known = facts.get(attempt.attemptId);
      if (known !== undefined) return known;
      const made = this.#factsOf(call, attempt);
      facts.set(attempt.attemptId, made);
      return made;
    };
    const about = (attemptId: string, write: (known: WireRequestFacts) => NewWireRecord): void => {
      const known = facts.get(attemptId);
      if (known !== undefined) log.append(write(known));
    };
    const frames = this.#hasFrames ? new Map<string, FrameBatch>() : undefined;
    return {
      onAttemptStarted: (attempt) => log.append(attemptStarted(factsOf(attempt), attempt)),
      onAttemptResponded: (response) =>
        about(response.attemptId, (known) => attemptResponded(known, response)),
      onStreamStalled: ({ attemptId, gapMs, afterEvent = null, eventCount }) =>
        about(attemptId, (known) => ({
          type: "stall",
          ...known,
          gap_ms: gapMs,
          after_event: afterEvent === null ? null : boundedText(afterEvent),
          events: eventCount,
        })),
      ...(frames && {
        onStreamFrame: (frame: StreamFrame) => {
          const { attemptId } = frame;
          const batch =
            frames.get(attemptId) ??
            new FrameBatch((rows) =>
              about(attemptId, (known) => ({ type: "frames", ...known, ...rows })),
            );
          frames.set(attemptId, batch);
          batch.add(frame);
        },
      }),
      onAttemptEnded: (attempt) => {
        frames?.get(attempt.attemptId)?.flush();
        frames?.delete(attempt.attemptId);
        this.#appendEnd(log, factsOf(attempt), attempt);
        facts.delete(attempt.attemptId);
      },
      onConnectionOpened: (connection) => log.append(connectionOpened(connection)),
      onConnectionClosed: (connection) => log.append(connectionClosed(connection)),
    };
  }

  /** A turn sends a failed request again. */
  retryScheduled(retry: WireRetry): void {
    const afterAttemptId = this.#lastAttempt(retry);
    this.#log?.append({
      type: "retry_scheduled",
      ...this.#callFacts(retry),
      by: "turn",
      ...(afterAttemptId !== undefined && { after_attempt_id: afterAttemptId }),
      delay_ms: Math.round(retry.delayMs),
      delay_source: retry.delaySource,
      reason: boundedText(retry.reason),
      number: retry.number,
      of: retry.maxRetries,
    });
  }

  authRecovered(recovery: WireAuthRecovery): void {
    const causedBy = this.#lastAttempt(recovery);
    this.#log?.append({
      type: "auth",
      ...this.#callFacts(recovery),
      step: recovery.step,
      outcome: recovery.outcome,
      ...(recovery.status !== undefined && { status: recovery.status }),
      ...(recovery.code !== undefined && { code: boundedText(recovery.code) }),
      duration_ms: Math.round(recovery.durationMs),
      ...(causedBy !== undefined && { caused_by_attempt_id: causedBy }),
    });
  }

  transportSwitched({ from, to, cause, ...call }: WireSwitch): void {
    const attemptId = this.#lastAttempt(call);
    this.#log?.append({
      type: "transport_switched",
      ...(attemptId !== undefined && { attempt_id: attemptId }),
      ...this.#callFacts(call),
      from,
      to,
      cause,
    });
  }

  #appendEnd(log: WireLog, facts: WireRequestFacts, attempt: AttemptEnded): void {
    log.append(attemptEnded(facts, attempt));
    this.#lastAttempts.set(facts.turn_id ?? "", attempt.attemptId);
    const { retry } = attempt;
    if (!retry.willRetry) return;
    log.append({
      type: "retry_scheduled",
      ...facts,
      by: "transport",
      after_attempt_id: attempt.attemptId,
      delay_ms: Math.round(retry.delayMs),
      delay_source: retry.delaySource,
      reason: retry.reason,
      number: retry.number,
      of: retry.maxRetries,
    });
  }

  #lastAttempt({ turnId }: Pick<WireCall, "turnId">): string | undefined {
    return this.#lastAttempts.get(turnId ?? "");
  }

  #factsOf(call: WireCall, attempt: AttemptStarted): WireRequestFacts {
    return {
      attempt_id: attempt.attemptId,
      ...this.#callFacts(call),
      request_kind: call.requestKind ?? KINDS.get(attempt.endpoint) ?? attempt.endpoint,
    };
  }

  #callFacts(call: WireCall): Omit<WireRequestFacts, "attempt_id" | "request_kind"> & {
    readonly request_kind?: string;
  } {
    const { turnId, inferenceCallId, compactionRequestId, requestKind } = call;
    return {
      ...(requestKind !== undefined && { request_kind: requestKind }),
      ...(this.#threadId !== "" && { thread_id: this.#threadId }),
      ...(turnId !== undefined && turnId !== "" && { turn_id: turnId }),
      ...(inferenceCallId !== undefined && { inference_call_id: inferenceCallId }),
      ...(compactionRequestId !== undefined && { compaction_request_id: compactionRequestId }),
    };
  }
}

/** Kinds of requests that nobody names, by their endpoint. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["handshake", "connect"],
  ["memories", "memory"],
  ["compact", "compaction"],
  ["responses", "turn"],
]);
