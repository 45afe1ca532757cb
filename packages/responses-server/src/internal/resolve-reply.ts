import type { ReceivedRequest } from "../received-request.ts";
import type { Exchange, Reply } from "../script/exchange.ts";
import { unlessStopped } from "./stop.ts";

/** The reply of an exchange, computed where it has to be. Stops when the response has nobody to go to. */
export async function resolveReply(
  exchange: Exchange,
  request: ReceivedRequest,
  stop: AbortSignal,
): Promise<Reply> {
  return exchange.respond ? await unlessStopped(exchange.respond(request), stop) : exchange;
}
