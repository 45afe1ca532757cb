import type { Dispatcher } from "undici";
import { Agent, buildConnector } from "undici";
import type { Connector } from "./connection-attempts.ts";
import { ConnectionAttempts, connectsThrough } from "./connection-attempts.ts";
import { omitKeepAlive } from "./omit-keep-alive.ts";

/**
 * A server that cannot be reached is noticed by the first-response timeout; the connect timeout only frees what is left.
 * In milliseconds.
 */
export const CONNECT_TIMEOUT_MS = 60_000;

/** Connects without a proxy. */
export function directConnector(options: buildConnector.BuildOptions): Connector {
  // undici's connector returns the socket, which its types leave out.
  return buildConnector({ timeout: CONNECT_TIMEOUT_MS, ...options }) as unknown as Connector;
}

/** An agent without timeouts of its own for headers and bodies: this package has its own timers. */
export function makeAgent(connector: Connector = directConnector({})): {
  readonly agent: Agent;
  readonly attempts: ConnectionAttempts;
} {
  // The name undici gives is the one in the caller's `host` header; a certificate must be the URL's.
  const attempts = new ConnectionAttempts((target, done) =>
    connector({ ...target, servername: "" }, (...result) => {
      if (result[0] === null) omitKeepAlive(result[1]);
      done(...result);
    }),
  );
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: attempts.connect });
  connectsThrough(agent, attempts);
  return { agent, attempts };
}

let shared: Dispatcher | undefined;

/** One agent for all clients that bring none, so that they share connections. Idle ones do not keep a process alive. */
export function defaultDispatcher(): Dispatcher {
  shared ??= makeAgent().agent;
  return shared;
}
