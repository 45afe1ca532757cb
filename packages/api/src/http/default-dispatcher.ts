import type { Dispatcher } from "undici";
import { Agent } from "undici";
import type { buildConnector } from "undici";
import { ConnectionAttempts } from "./connection-attempts.ts";

/**
 * An agent without timeouts of its own for headers and bodies: this package has its own timers. A server that cannot be
 * reached is noticed by the first-response timeout; the connect timeout only frees what is left.
 */
export function makeAgent(options: buildConnector.BuildOptions = {}): {
  readonly agent: Agent;
  readonly attempts: ConnectionAttempts;
} {
  const attempts = new ConnectionAttempts({ timeout: 60_000, ...options });
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: attempts.connect });
  attempts.belongsTo(agent);
  return { agent, attempts };
}

let shared: Dispatcher | undefined;

/** One agent for all clients that bring none, so that they share connections. Idle ones do not keep a process alive. */
export function defaultDispatcher(): Dispatcher {
  shared ??= makeAgent().agent;
  return shared;
}
