import type { Dispatcher } from "undici";
import { Agent } from "undici";

let shared: Dispatcher | undefined;

/** One agent for all clients that bring none, so that they share connections. Idle ones do not keep a process alive. */
export function defaultDispatcher(): Dispatcher {
  shared ??= new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return shared;
}
