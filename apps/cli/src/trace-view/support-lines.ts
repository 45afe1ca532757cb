import { namedIds, serverIdOf } from "@codex-ts/rollout-trace/wire";
import type { WireAttemptIds, WireDiagnosisIds, WireFinding } from "@codex-ts/rollout-trace/wire";
import { clipId } from "../render/clip.ts";

/** A person copies no more; the log has them all. */
const MAX_ATTEMPTS = 8;

/**
 * Lines to send to support: the ids of every attempt that failed, each with what it was on a line of its own, then those
 * they have in common.
 */
export function sendLines(request: WireFinding["request"]): string[] {
  const { ids, attemptIds } = request.diagnosis;
  const hasServerId = attemptIds.some(isOfServer);
  const intro = introOf(request, hasServerId);
  const [only] = attemptIds;
  if (attemptIds.length <= 1)
    return [`  send: ${intro}${idsText(only ?? ids)}`, ...renewalLines(request)];
  const rows = attemptIds.slice(0, MAX_ATTEMPTS).map((each) => rowOf(each, hasServerId));
  const rest = attemptIds.length - rows.length;
  const others = request.attempts.length - attemptIds.length;
  const didNotFail = others > 0 ? ` (the other ${others} did not fail)` : "";
  return [
    `  send: ${intro}the ids of ${attemptIds.length} attempts${didNotFail}`,
    ...[...rows, ...(rest > 0 ? [`and ${rest} more in wire.jsonl`] : []), idsText(commonIds(ids))]
      .filter((row) => row !== "")
      .map((row) => `    ${row}`),
    ...renewalLines(request),
  ];
}

/** Renewals are requests too, of which only how they ended is recorded. */
function renewalLines({ attempts }: WireFinding["request"]): string[] {
  return attempts.some(({ auth }) => auth.some(({ outcome }) => FAILED_RENEWALS.has(outcome)))
    ? ["    not recorded: the address of the service that renews logins, and ids of its responses"]
    : [];
}

const FAILED_RENEWALS: ReadonlySet<string> = new Set(["failed", "refused"]);

function introOf({ diagnosis, attempts }: WireFinding["request"], hasServerId: boolean): string {
  const { code, isNothingToSend } = diagnosis;
  if (isNothingToSend) {
    const missing = hasServerId ? "" : ", and no id of the server reached the client";
    return `nothing, support cannot mend this${missing}; if you are asked: `;
  }
  if (code === "recovered") return "nothing, it worked; if it recurs: ";
  if (code === "cancelled" && attempts.every(({ ended }) => ended?.outcome !== "failed"))
    return "nothing, unless it was slow: ";
  return hasServerId ? "" : "no id of the server reached the client, so ";
}

function rowOf(each: WireAttemptIds, hasServerId: boolean): string {
  const { attempt, thread_id: _thread, turn_id: _turn, ...own } = each;
  return [
    clipId(attempt),
    ...(hasServerId && !isOfServer(each) ? ["no id of the server"] : []),
    idsText(own),
  ].join(", ");
}

function isOfServer(ids: WireDiagnosisIds): boolean {
  return serverIdOf(ids) !== undefined;
}

/** Ids that all attempts of a request have. */
function commonIds({ thread_id: thread, turn_id: turn }: WireDiagnosisIds): WireDiagnosisIds {
  return {
    ...(thread !== undefined && { thread_id: thread }),
    ...(turn !== undefined && { turn_id: turn }),
  };
}

/** Ids with their names, the request's own before those of its connection. */
export function idsText(ids: WireDiagnosisIds): string {
  return namedIds(ids)
    .map(([name, value]) => `${name} ${clipId(value)}`)
    .join(", ");
}
