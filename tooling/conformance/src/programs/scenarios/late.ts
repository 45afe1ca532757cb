import { delay } from "@codex-ts/responses-server";
import type { Exchange, ExchangeSelector, StreamReply } from "@codex-ts/responses-server";

/**
 * An answer that gives the end of a command time to be told: the real program tells it some 0.1 s after the fact, and
 * not at all when the turn is over by then.
 */
export function late(exchange: ExchangeSelector & StreamReply): Exchange {
  return { ...exchange, beforeStatus: [delay(600)] };
}
