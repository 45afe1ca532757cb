import { callsInOrder, recordOf } from "../../model/calls.ts";
import type { ReducedTrace } from "../../model/trace.ts";
import type { ExecutionWindow } from "../../model/session.ts";
import { diagnosisIds } from "../diagnosis/diagnosis-ids.ts";
import { diagnose } from "../diagnosis/diagnose.ts";
import type { DiagnoseOptions } from "../diagnosis/diagnose.ts";
import type { WireDiagnosis, WireDiagnosisIds } from "../diagnosis/wire-diagnosis.ts";
import type { WireLog } from "./read-wire-log.ts";
import type { WireAttempt, WireConnection } from "./wire-attempts.ts";
import type { WireDiagnostic } from "./wire-diagnostic.ts";
import { chainsOf } from "./wire-requests.ts";
import type { WireChain } from "./wire-requests.ts";

/** Facts of the wire about one call of a reduced trace. */
export interface WireCallFacts {
  /** Its own attempts, in order. */
  readonly attempts: readonly WireAttempt[];
  /** Of its last attempt, over WebSocket. */
  readonly connection: WireConnection | undefined;
  readonly position: number | undefined;
  /** Of the Responses API, from its last attempt that had one; also of a response that began and failed. */
  readonly responseId: string | undefined;
  /** `undefined`: there is nothing to say. */
  readonly diagnosis: WireDiagnosis | undefined;
}

/** One request of a turn, with all that was tried to get its response. */
export interface WireRequest {
  /** From 1, in the order they were begun. */
  readonly number: number;
  /** `turn`, `compaction`, `prewarm`, … */
  readonly kind: string;
  readonly threadId: string | undefined;
  readonly turnId: string | undefined;
  /** Of the trace, in order; a try of the turn is a call of its own. Empty where no try got as far. */
  readonly inferenceCallIds: readonly string[];
  readonly compactionRequestIds: readonly string[];
  readonly attempts: readonly WireAttempt[];
  readonly outcome: "completed" | "failed" | "cancelled" | "unfinished";
  /** Of its last attempt. */
  readonly ids: WireDiagnosisIds;
  /** How long it had waited to be sent again when its turn ended, in milliseconds; `undefined` where it was not so. */
  readonly brokenOffWaitMs: number | undefined;
  readonly diagnosis: WireDiagnosis | undefined;
}

/** A wire log beside the reduced trace of its bundle. */
export interface WireJoin {
  readonly requests: readonly WireRequest[];
  /** By id of the inference call. */
  readonly calls: ReadonlyMap<string, WireCallFacts>;
  /** By id of the compaction request. */
  readonly compactions: ReadonlyMap<string, WireCallFacts>;
  /** Those of the log, and of the join. */
  readonly diagnostics: readonly WireDiagnostic[];
}

/** The part of a state that a join reads. Without its turns, a request that was stopped counts as stopped by the user. */
export type JoinedState = Pick<ReducedTrace, "inference_calls" | "compaction_requests"> &
  Partial<Pick<ReducedTrace, "codex_turns">>;

const LOST_END: WireDiagnostic = {
  code: "lost_end",
  message:
    "it ends before the requests that the trace has to their end: of those it is not known how they went",
};

/** Clocks and the order of records differ by no more than this. */
const TOLERANCE_MS = 50;

/**
 * Joins a wire log with the reduced state of the same bundle. Pure. Ids that one side does not know are left alone, so
 * that parts of either can be missing.
 */
export function joinWire(state: JoinedState, wire: WireLog): WireJoin {
  const chains = chainsOf(wire.attempts);
  const surroundings = new Surroundings(state, chains);
  const facts = chains.map((chain) => surroundings.of(chain));
  const requests = chains.map((attempts, index) =>
    toRequest(attempts, index + 1, facts[index] ?? {}),
  );
  const calls = factsBy(wire.attempts, callId, surroundings);
  const compactions = factsBy(
    wire.attempts,
    ({ started }) => started.compaction_request_id,
    surroundings,
  );
  const outside = [
    ...outsideWindow(calls, (id) => recordOf(state.inference_calls, id)?.execution),
    ...outsideWindow(compactions, (id) => recordOf(state.compaction_requests, id)?.execution),
  ];
  const hasLostEnd = chains.some(
    (chain, index) => chain.at(-1)?.ended === undefined && facts[index]?.isOver === true,
  );
  const diagnostics = [...wire.diagnostics, ...(hasLostEnd ? [LOST_END] : []), ...outside];
  return { requests, calls, compactions, diagnostics };
}

/** Facts a diagnosis needs besides the attempts. */
class Surroundings {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #state: JoinedState;
  readonly #turns: JoinedState["codex_turns"];
  /** The last attempt of each turn, and of each request without one. */
  readonly #last: ReadonlySet<WireAttempt | undefined>;
  /** When the history of a turn was first compacted, in Unix milliseconds. */
  readonly #compactedAtMs = new Map<string, number>();

  constructor(state: JoinedState, chains: readonly WireChain[]) {
    this.#numbers = callNumbers(state);
    this.#state = state;
    this.#turns = state.codex_turns;
    const lastOfTurn = new Map<string, WireAttempt | undefined>();
    const alone: (WireAttempt | undefined)[] = [];
    for (const chain of chains) {
      const { turn_id: turnId, request_kind: kind } = chain[0]?.started ?? {};
      const end = chain.at(-1)?.ended;
      if (turnId !== undefined && kind === "compaction" && end?.outcome === "completed")
        this.#compactedAtMs.set(turnId, this.#compactedAtMs.get(turnId) ?? end.at_ms);
      if (turnId === undefined) alone.push(chain.at(-1));
      else lastOfTurn.set(turnId, chain.at(-1));
    }
    this.#last = new Set([...lastOfTurn.values(), ...alone]);
  }

  /** The end of the turn is the end of the wait: there is no record of it. */
  #brokenOffWaitMs(
    last: WireAttempt | undefined,
    turn: ExecutionWindow | undefined,
  ): number | undefined {
    const endMs = turn?.ended_at_unix_ms ?? undefined;
    if (last?.retry === undefined || endMs === undefined || !this.#last.has(last)) return undefined;
    const { at_ms: fromMs, delay_ms: delayMs } = last.retry;
    return Math.min(delayMs, Math.max(0, endMs - fromMs));
  }

  #hasLostEnd(last: WireAttempt | undefined): boolean {
    if (last === undefined || last.ended !== undefined) return false;
    const { inference_call_id: call = "", compaction_request_id: compaction = "" } = last.started;
    const { inference_calls: calls, compaction_requests: compactions } = this.#state;
    return (
      isEnded(recordOf(calls, call)?.execution) ||
      isEnded(recordOf(compactions, compaction)?.execution)
    );
  }

  of(attempts: readonly WireAttempt[]): DiagnoseOptions {
    const { turn_id: turnId = "", queued_at_ms: startMs = 0 } = attempts[0]?.started ?? {};
    const turn = recordOf(this.#turns ?? {}, turnId);
    return {
      requestNumber: attempts
        .map((each) => this.#numbers.get(callId(each) ?? ""))
        .findLast((each) => each !== undefined),
      isFollowed: !this.#last.has(attempts.at(-1)),
      isOver: isEnded(turn?.execution) || this.#hasLostEnd(attempts.at(-1)),
      isAfterCompaction: (this.#compactedAtMs.get(turnId) ?? Infinity) <= startMs,
      isOfFailedTurn: turn?.execution.status === "failed",
      isOfCancelledTurn: turn?.execution.status === "cancelled",
      brokenOffWaitMs: this.#brokenOffWaitMs(attempts.at(-1), turn?.execution),
    };
  }
}

function isEnded(window: ExecutionWindow | undefined): boolean {
  return window !== undefined && window.ended_at_unix_ms !== null;
}

function callId({ started }: WireAttempt): string | undefined {
  return started.inference_call_id;
}

/** Numbers of calls as tables of requests show them. */
function callNumbers(state: Pick<ReducedTrace, "inference_calls">): Map<string, number> {
  return new Map(
    callsInOrder(state).map(({ inference_call_id: id }, index) => [id, index + 1] as const),
  );
}

function toRequest(
  attempts: readonly WireAttempt[],
  number: number,
  facts: DiagnoseOptions,
): WireRequest {
  const started = attempts[0]?.started;
  const last = attempts.at(-1);
  return {
    number,
    kind: started?.request_kind ?? "",
    threadId: started?.thread_id,
    turnId: started?.turn_id,
    inferenceCallIds: distinct(attempts.map(callId)),
    compactionRequestIds: distinct(attempts.map((each) => each.started.compaction_request_id)),
    attempts,
    outcome: last?.ended?.outcome ?? "unfinished",
    ids: last === undefined ? {} : diagnosisIds(last),
    brokenOffWaitMs: facts.brokenOffWaitMs,
    diagnosis: diagnose(attempts, facts),
  };
}

function factsBy(
  attempts: readonly WireAttempt[],
  idOf: (attempt: WireAttempt) => string | undefined,
  surroundings: Surroundings,
): Map<string, WireCallFacts> {
  const facts = new Map<string, WireCallFacts>();
  for (const [id, group] of Map.groupBy(attempts, idOf)) {
    if (id === undefined) continue;
    const last = group.at(-1);
    facts.set(id, {
      attempts: group,
      connection: last?.connection,
      position: last?.started.position,
      responseId: group.findLast(({ ended }) => ended?.response_id !== undefined)?.ended
        ?.response_id,
      diagnosis: diagnose(group, surroundings.of(group)),
    });
  }
  return facts;
}

function* outsideWindow(
  groups: ReadonlyMap<string, WireCallFacts>,
  windowOf: (id: string) => ExecutionWindow | undefined,
): Generator<WireDiagnostic> {
  for (const [id, { attempts }] of groups) {
    const window = windowOf(id);
    if (window === undefined) continue;
    const from = window.started_at_unix_ms - TOLERANCE_MS;
    const to = (window.ended_at_unix_ms ?? Infinity) + TOLERANCE_MS;
    const isOutside = attempts.some(({ started, ended }) => {
      const endMs = started.queued_at_ms + (ended?.t.ended ?? 0) / 1000;
      return started.queued_at_ms < from || endMs > to;
    });
    if (isOutside) {
      yield { code: "outside_call", message: "times of an attempt do not fit those of its call" };
    }
  }
}

function distinct(ids: readonly (string | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => id !== undefined))];
}
