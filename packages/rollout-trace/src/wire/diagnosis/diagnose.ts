import { plural } from "../../plural.ts";
import type { WireAttempt } from "../read/wire-attempts.ts";
import type { WireAttemptEnded } from "../records.ts";
import { attemptText } from "./attempt-text.ts";
import { ADVICE_WITHOUT_FAILURE, adviceFor, adviceWhenRecovered } from "./advice.ts";
import { classify } from "./classify.ts";
import type { FailureCode } from "./classify.ts";
import { diagnosisIds } from "./diagnosis-ids.ts";
import { failureSentence } from "./failure-sentence.ts";
import type { Failure } from "./failure-sentence.ts";
import { hasNothingToSend } from "./support-need.ts";
import type { WireAttemptIds, WireDiagnosis } from "./wire-diagnosis.ts";
import { events, joined, seconds, times } from "./wording.ts";

/** Facts about a request besides its attempts. */
export interface DiagnoseOptions {
  /** Its number in what the reader sees. */
  readonly requestNumber?: number | undefined;
  /** The turn made another request afterwards: nobody stopped it. */
  readonly isFollowed?: boolean | undefined;
  /** The trace has its end: the log does not end because the process did. */
  readonly isOver?: boolean | undefined;
  /** The history was compacted in the same turn before. */
  readonly isAfterCompaction?: boolean | undefined;
  /** Its turn failed: a request that was stopped was not stopped by a user. */
  readonly isOfFailedTurn?: boolean | undefined;
  /** Its turn was cancelled by its user or the calling program. */
  readonly isOfCancelledTurn?: boolean | undefined;
  /** How long it had waited to be sent again when its turn ended, in milliseconds. */
  readonly brokenOffWaitMs?: number | undefined;
}

interface FailedAttempt {
  readonly attempt: WireAttempt;
  readonly ended: WireAttemptEnded;
  readonly code: FailureCode;
}

/**
 * Says why a request went as it did, from its attempts in order (see `WireRequest.attempts`). `undefined`: it got its
 * response at the first try, or nothing was attempted. Pure: the same attempts give the same text.
 */
export function diagnose(
  attempts: readonly WireAttempt[],
  options: DiagnoseOptions = {},
): WireDiagnosis | undefined {
  const last = attempts.at(-1);
  if (last === undefined) return undefined;
  const isOver = last.isLogClosed || options.isOver === true;
  if (last.ended === undefined) return isOver ? undefined : died(attempts, last, options);
  const failures = failuresOf(attempts);
  if (last.ended.outcome === "cancelled") return cancelled(last, last.ended, failures, options);
  if (last.ended.outcome === "completed") return overcome(attempts, failures, last.ended);
  const failure = failures.at(-1);
  if (failure === undefined) return undefined;
  if (last.retry !== undefined && options.isFollowed !== true) {
    return isOver
      ? stoppedWhileWaiting(
          factsOf(failure, failures, attempts, { ...options, isStopped: true }),
          failures,
          options,
        )
      : died(attempts, last, options);
  }
  return failed(factsOf(failure, failures, attempts, options), failures);
}

function failuresOf(attempts: readonly WireAttempt[]): FailedAttempt[] {
  return attempts.flatMap((attempt) =>
    attempt.ended?.outcome === "failed"
      ? [{ attempt, ended: attempt.ended, code: classify(attempt) }]
      : [],
  );
}

function died(
  attempts: readonly WireAttempt[],
  attempt: WireAttempt,
  options: DiagnoseOptions,
): WireDiagnosis {
  const { requestNumber } = options;
  const failures = failuresOf(attempts);
  const failure = failures.at(-1);
  const name = requestNumber === undefined ? "a request" : `request ${requestNumber}`;
  const before =
    failure === undefined
      ? ""
      : ` Before that: ${sentenceOf(factsOf(failure, failures, attempts, STOPPED), failures)}`;
  const sentence = `The process ended while ${name} was ${doing(attempt)}.${before}`;
  return withoutFailure("process_died", sentence, attempt, failures);
}

function doing({ ended, started, responded, stalls, frames }: WireAttempt): string {
  if (ended !== undefined) return "waiting to be sent again";
  if (started.endpoint === "handshake") return "waiting for its connection";
  const rows = frames.flatMap((each) => each.rows).filter(([, direction]) => direction === 0);
  // A damaged log has more stalls than a call takes arguments.
  const seen = stalls.reduce((most, stall) => Math.max(most, stall.events), rows.length);
  if (seen > 0) return `streaming event ${seen}`;
  // Of a request over a WebSocket, the log tells its beginning and its end.
  if (started.transport === "websocket") return "waiting for its response, or streaming it";
  return responded === undefined ? "waiting for the response" : "streaming its response";
}

function cancelled(
  attempt: WireAttempt,
  ended: WireAttemptEnded,
  failures: readonly FailedAttempt[],
  { isFollowed, isOfFailedTurn }: DiagnoseOptions,
): WireDiagnosis {
  const when = `after ${seconds(ended.t.ended)} (${events(ended.events)})`;
  if (isFollowed !== true && isOfFailedTurn === true) {
    const sentence = `The client stopped it ${when}, and its turn failed.`;
    return withoutFailure("stopped_by_client", sentence, attempt, failures);
  }
  if (attempt.started.turn_id === undefined && attempt.started.request_kind === "prewarm") {
    const sentence = `It was stopped ${when}: nobody waited for it any more.`;
    const diagnosis = withoutFailure("cancelled", sentence, attempt, failures);
    return { ...diagnosis, advice: "nothing to do: a warm-up only saves time" };
  }
  const sentence =
    isFollowed === true
      ? `It was dropped ${when}: the turn went on with another request.`
      : `You cancelled it ${when}.`;
  return withoutFailure("cancelled", sentence, attempt, failures);
}

function stoppedWhileWaiting(
  failure: Failure,
  failures: readonly FailedAttempt[],
  { isOfFailedTurn, isOfCancelledTurn, brokenOffWaitMs }: DiagnoseOptions,
): WireDiagnosis {
  const wait = `a wait of ${seconds((failure.attempt.retry?.delay_ms ?? 0) * 1000)} before another try`;
  const when =
    brokenOffWaitMs === undefined
      ? `in ${wait}`
      : `${seconds(brokenOffWaitMs * 1000)} into ${wait}`;
  const who =
    isOfCancelledTurn === true
      ? "The user or the calling program stopped the turn"
      : isOfFailedTurn === true
        ? "The client ended the turn"
        : "It was stopped";
  const code = isOfFailedTurn === true ? "stopped_by_client" : "cancelled";
  const sentence = `${sentenceOf(failure, failures)} ${who} ${when}.`;
  return {
    ...withoutFailure(code, sentence, failure.attempt, failures),
    attemptIds: idsOf(failures, failure),
    isNothingToSend: failures.every(isOfUser),
    advice: adviceFor(failure),
  };
}

/** The request got its response; what stood in the way may still be worth knowing. */
function overcome(
  attempts: readonly WireAttempt[],
  failures: readonly FailedAttempt[],
  ended: WireAttemptEnded,
): WireDiagnosis | undefined {
  const [first] = failures;
  if (first === undefined) return undefined;
  const lastFailure = failures.at(-1) ?? first;
  const isUpgrade = failures.every(({ attempt }) => attempt.started.endpoint === "handshake");
  const hasSwitched = attempts.some(({ switched }) => switched?.to === "http");
  if (isUpgrade && hasSwitched) {
    // That a server has no WebSockets is no failure.
    if (lastFailure.attempt.switched?.cause === "upgrade_426") return undefined;
    const refusals = failures.map(asUpgrade);
    const last = refusals.at(-1) ?? asUpgrade(lastFailure);
    return failed(factsOf(last, refusals, attempts, OVERCOME), refusals);
  }
  const renewed = attempts.flatMap(({ auth }) => auth);
  if (first.code === "auth_refused" && renewed.at(-1)?.outcome === "adopted") {
    const sentence =
      "The login had been renewed by another process; the new one was adopted and the request repeated.";
    return withoutFailure("auth_stale", sentence, first.attempt, failures);
  }
  return recovered(factsOf(first, failures, attempts, OVERCOME), failures, ended);
}

/** A refusal over a WebSocket, where HTTP was granted, is one of the WebSocket. */
function asUpgrade(failure: FailedAttempt): FailedAttempt {
  return failure.ended.error?.code === "http_status"
    ? { ...failure, code: "upgrade_refused" }
    : failure;
}

function recovered(
  failure: Failure,
  failures: readonly FailedAttempt[],
  ended: WireAttemptEnded,
): WireDiagnosis {
  const { attempts, attempt } = failure;
  const requests = attempts.filter(({ started }) => started.endpoint !== "handshake");
  const refused = failures.filter(({ attempt: each }) => each.started.endpoint === "handshake");
  const after =
    refused.length === 0 ? "" : ` (${plural(refused.length, "failed handshake")} before)`;
  const startMs = attempts[0]?.started.queued_at_ms ?? 0;
  const endMs = (attempts.at(-1)?.started.queued_at_ms ?? startMs) + ended.t.ended / 1000;
  const took = seconds(Math.max(0, endMs - startMs) * 1000);
  const isNothingToSend = failures.every(isOfUser);
  return {
    code: "recovered",
    firstCode: failure.code,
    sentence: `It worked at try ${requests.length}${after} after ${took}: ${sentenceOf(failure, failures)}`,
    ids: diagnosisIds(attempt),
    attemptIds: idsOf(failures, failure),
    isNothingToSend,
    advice: adviceWhenRecovered(failure, isNothingToSend),
  };
}

/** The failure in the light of the others of its request. */
function factsOf(
  { attempt, ended, code }: FailedAttempt,
  failures: readonly FailedAttempt[],
  attempts: readonly WireAttempt[],
  {
    isOvercome = false,
    isStopped = false,
    isAfterCompaction = false,
  }: Pick<DiagnoseOptions, "isAfterCompaction"> & {
    readonly isOvercome?: boolean;
    readonly isStopped?: boolean;
  },
): Failure {
  const alike = failures.filter((each) => each.code === code).map((each) => each.ended);
  return { code, attempt, ended, attempts, alike, isOvercome, isStopped, isAfterCompaction };
}

const OVERCOME = { isOvercome: true };
const STOPPED = { isStopped: true };

/** Attempts that failed otherwise are named behind it. */
function sentenceOf(failure: Failure, failures: readonly FailedAttempt[]): string {
  const others = new Map<string, number>();
  for (const { code, attempt } of failures) {
    if (code === failure.code) continue;
    const text = attemptText(attempt);
    others.set(text, (others.get(text) ?? 0) + 1);
  }
  const text = joined(
    [...others].map(([each, count]) => (count === 1 ? each : `${each} (${times(count)})`)),
  );
  return `${failureSentence(failure)}${text === "" ? "" : ` Other attempts: ${text}.`}`;
}

function failed(failure: Failure, failures: readonly FailedAttempt[]): WireDiagnosis {
  return {
    code: failure.code,
    sentence: sentenceOf(failure, failures),
    ids: diagnosisIds(failure.attempt),
    attemptIds: idsOf(failures, failure),
    isNothingToSend: failures.every(isOfUser),
    advice: adviceFor(failure),
  };
}

/** A request that no failure ended. */
function withoutFailure(
  code: keyof typeof ADVICE_WITHOUT_FAILURE,
  sentence: string,
  attempt: WireAttempt,
  failures: readonly FailedAttempt[],
): WireDiagnosis {
  const advice = ADVICE_WITHOUT_FAILURE[code];
  const isListed = failures.some((each) => each.attempt === attempt);
  return {
    code,
    sentence,
    ids: diagnosisIds(attempt),
    attemptIds: [
      ...failures.map((each) => attemptIds(each.attempt)),
      ...(isListed ? [] : [attemptIds(attempt)]),
    ],
    isNothingToSend: hasNothingToSend(code, undefined),
    ...(advice !== undefined && { advice }),
  };
}

function isOfUser({ code, ended }: FailedAttempt): boolean {
  return hasNothingToSend(code, ended.error);
}

/** Those like the failure that decides first, requests before handshakes where it is a request. */
function idsOf(
  failures: readonly FailedAttempt[],
  { code, attempt: { started } }: Failure,
): readonly WireAttemptIds[] {
  const isHandshake = started.endpoint === "handshake";
  const rankOf = (each: FailedAttempt): number => {
    if (each.code !== code) return 2;
    return (each.attempt.started.endpoint === "handshake") === isHandshake ? 0 : 1;
  };
  return failures
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .map(({ attempt }) => attemptIds(attempt));
}

function attemptIds(attempt: WireAttempt): WireAttemptIds {
  return { attempt: attemptText(attempt), ...diagnosisIds(attempt) };
}
