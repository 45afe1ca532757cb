import type { PlayedExchange, PlayedExchangeState } from "../played-exchange.ts";
import type { HeaderPair, ReceivedRequest } from "../received-request.ts";

/** The changing side of a `PlayedExchange`. */
export class PlayRecord implements PlayedExchange {
  readonly request: ReceivedRequest;
  status: number | undefined;
  headers: readonly HeaderPair[] = [];
  state: PlayedExchangeState = "playing";
  eventsSent = 0;
  bytesWritten = 0;
  blocked = false;
  clientGone = false;

  constructor(request: ReceivedRequest) {
    this.request = request;
  }
}
