import type { ReceivedRequest } from "../received-request.ts";
import type { BodyReply } from "../script/exchange.ts";
import { describeRequest } from "./received.ts";
import type { Mismatch, NoneTaken } from "./script-book.ts";

/** More exchanges than this are counted and not named. */
const MAX_NAMED = 10;

/** One line: what arrived, which exchanges are left, and why none of them matches. */
export function unscriptedReason(
  request: ReceivedRequest,
  { left, scriptLength }: NoneTaken,
): string {
  const named = left.slice(0, MAX_NAMED).map(describeMismatch);
  if (left.length > MAX_NAMED) named.push(`and ${left.length - MAX_NAMED} more`);
  const usedUp = scriptLength - left.length;
  const facts = [
    ...(scriptLength === 0 ? ["the script is empty"] : []),
    ...(usedUp > 0 ? [`used up: ${usedUp} of ${scriptLength}`] : []),
    ...(named.length > 0 ? [`left: ${named.join("; ")}`] : []),
  ];
  return `${describeRequest(request)} matches no exchange (${facts.join("; ")})`;
}

/** The response to a request that no exchange matches: loud, and never a hang. */
export function unscriptedReply(reason: string): BodyReply {
  return errorReply(404, "unscripted_request", `${reason}; add one to the script`);
}

/** The response to a request whose exchange could not be played. */
export function scriptFailedReply(reason: string): BodyReply {
  return errorReply(500, "script_failed", `the scripted exchange could not be played: ${reason}`);
}

function errorReply(status: number, code: string, message: string): BodyReply {
  return { status, body: { error: { message, type: "script_error", param: null, code } } };
}

function describeMismatch({ number, wants }: Mismatch): string {
  return `exchange ${number} matches only ${wants.join(", ")}`;
}
