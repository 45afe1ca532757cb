import type { WireAttempt } from "../read/wire-attempts.ts";
import type { WireAttemptEnded } from "../records.ts";
import { adviceFor } from "./advice.ts";
import { classify } from "./classify.ts";
import type { FailureCode } from "./classify.ts";
import { diagnosisIds } from "./diagnosis-ids.ts";
import { events, failureSentence, seconds } from "./failure-sentence.ts";
import type { WireDiagnosis, WireDiagnosisCode } from "./wire-diagnosis.ts";

/** Facts about a request besides its attempts. */
export interface DiagnoseOptions {
  /** Its number in what the reader sees. */
  readonly requestNumber?: number | undefined;
  /** The turn made another request afterwards: nobody stopped it. */
  readonly isFollowed?: boolean | undefined;
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
  if (last.ended === undefined) return last.isLogClosed ? undefined : died(last, options);
  const failures = failuresOf(attempts);
  if (last.ended.outcome === "cancelled") return cancelled(last, last.ended, options);
  if (last.ended.outcome === "completed") return overcome(attempts, failures, last.ended);
  const failure = failures.at(-1);
  if (failure === undefined) return undefined;
  if (last.retry !== undefined && options.isFollowed !== true) {
    return last.isLogClosed
      ? stoppedWhileWaiting(failure, failures, attempts)
      : died(last, options);
  }
  return diagnosis(failure.code, sentenceOf(failure, failures, attempts, false), last);
}

function failuresOf(attempts: readonly WireAttempt[]): FailedAttempt[] {
  return attempts.flatMap((attempt) =>
    attempt.ended?.outcome === "failed"
      ? [{ attempt, ended: attempt.ended, code: classify(attempt) }]
      : [],
  );
}

function died(attempt: WireAttempt, { requestNumber }: DiagnoseOptions): WireDiagnosis {
  const name = requestNumber === undefined ? "a request" : `request ${requestNumber}`;
  return diagnosis(
    "process_died",
    `The process ended while ${name} was ${doing(attempt)}.`,
    attempt,
  );
}

function doing({ ended, started, responded, stalls, frames }: WireAttempt): string {
  if (ended !== undefined) return "waiting to be sent again";
  if (started.endpoint === "handshake") return "waiting for its connection";
  const rows = frames.flatMap((each) => each.rows).filter(([, direction]) => direction === 0);
  const seen = Math.max(rows.length, ...stalls.map((stall) => stall.events), 0);
  if (seen > 0) return `streaming event ${seen}`;
  return responded === undefined ? "waiting for the response" : "streaming its response";
}

function cancelled(
  attempt: WireAttempt,
  ended: WireAttemptEnded,
  { isFollowed }: DiagnoseOptions,
): WireDiagnosis {
  const when = `after ${seconds(ended.t.ended)} (${events(ended.events)})`;
  const sentence =
    isFollowed === true
      ? `It was dropped ${when}: the turn went on with another request.`
      : `You cancelled it ${when}.`;
  return diagnosis("cancelled", sentence, attempt);
}

function stoppedWhileWaiting(
  failure: FailedAttempt,
  failures: readonly FailedAttempt[],
  attempts: readonly WireAttempt[],
): WireDiagnosis {
  const because = sentenceOf(failure, failures, attempts, false);
  const sentence = `It was stopped while it waited to be tried again: ${because}`;
  return diagnosis("cancelled", sentence, failure.attempt);
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
    const sentence = sentenceOf(lastFailure, failures, attempts, true);
    return diagnosis(lastFailure.code, sentence, lastFailure.attempt);
  }
  const renewed = attempts.flatMap(({ auth }) => auth);
  if (first.code === "auth_refused" && renewed.at(-1)?.outcome === "adopted") {
    const sentence =
      "The login had been renewed by another process; the new one was adopted and the request repeated.";
    return diagnosis("auth_stale", sentence, first.attempt);
  }
  const requests = attempts.filter(
    ({ started, ended: end }) => started.endpoint !== "handshake" || end?.outcome !== "completed",
  );
  const startMs = attempts[0]?.started.queued_at_ms ?? 0;
  const endMs = (attempts.at(-1)?.started.queued_at_ms ?? startMs) + ended.t.ended / 1000;
  const because = sentenceOf(first, failures, attempts, true);
  return {
    ...diagnosis(
      "recovered",
      `It worked at try ${requests.length} after ${seconds(Math.max(0, endMs - startMs) * 1000)}: ${because}`,
      first.attempt,
    ),
    firstCode: first.code,
  };
}

function sentenceOf(
  { attempt, ended, code }: FailedAttempt,
  failures: readonly FailedAttempt[],
  attempts: readonly WireAttempt[],
  isOvercome: boolean,
): string {
  const tries = failures.filter((each) => each.code === code).length;
  return failureSentence({ code, attempt, ended, attempts, tries, isOvercome });
}

function diagnosis(code: WireDiagnosisCode, sentence: string, attempt: WireAttempt): WireDiagnosis {
  const advice = adviceFor(code);
  return {
    code,
    sentence,
    ids: diagnosisIds(attempt),
    ...(advice !== undefined && { advice }),
  };
}
