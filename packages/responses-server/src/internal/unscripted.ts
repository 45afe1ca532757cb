import type { ReceivedRequest } from "../received-request.ts";
import type { BodyReply } from "../script/exchange.ts";
import { describeRequest } from "./received.ts";

/** The response to a request that the script does not cover: loud, and never a hang. */
export function unscriptedReply(request: ReceivedRequest, failure?: string): BodyReply {
  const message =
    failure === undefined
      ? `no scripted exchange is left for ${describeRequest(request)}; add one to the script`
      : `the scripted exchange could not be played: ${failure}`;
  const code = failure === undefined ? "unscripted_request" : "script_failed";
  return { status: 500, body: { error: { message, type: "script_error", param: null, code } } };
}
