import type { Dispatcher, buildConnector } from "undici";

/** Connects a socket and calls back with it. What it returns closes a connection that is still on its way. */
export type Connector = (
  target: buildConnector.Options,
  done: buildConnector.Callback,
) => Connecting;

export interface Connecting {
  destroy(error: Error): unknown;
}

/** Who knows about the connections of a dispatcher: agents made here, and the composed dispatchers around them. */
const connectionsOf = new WeakMap<Dispatcher, Connections>();

/** Knows which requests wait for a connection. */
export interface Connections {
  /** Notes that a request waits for a connection to an origin. */
  waitFor(origin: string): ConnectionWait;
}

/** Notes that `dispatcher` connects through this. */
export function connectsThrough(dispatcher: Dispatcher, connections: Connections): void {
  connectionsOf.set(dispatcher, connections);
}

/**
 * Connects sockets for an agent and gives up attempts nobody waits for any more. undici ties a connection to its pool and
 * not to a request, so an aborted request would otherwise leave a socket that keeps trying.
 */
export class ConnectionAttempts implements Connections {
  readonly connect: buildConnector.connector;
  readonly #origins = new Map<string, OriginState>();
  readonly #connecting = new Set<Connecting>();

  constructor(connector: Connector) {
    this.connect = (target, done) => {
      const state = this.#origins.get(originOf(target));
      const connecting = connector(target, (...result) => {
        state?.connecting.delete(connecting);
        this.#connecting.delete(connecting);
        if (state !== undefined && result[0] === null) state.established += 1;
        done(...result);
      });
      state?.connecting.add(connecting);
      this.#connecting.add(connecting);
      // undici connects anew for requests that were given up while they stood in its queue.
      if (state !== undefined && state.waiting === 0) giveUp(connecting);
    };
  }

  waitFor(origin: string): ConnectionWait {
    const state = this.#origins.get(origin) ?? newState();
    this.#origins.set(origin, state);
    state.waiting += 1;
    state.queued += 1;
    const establishedBefore = state.established;
    let waits = true;
    let isQueued = true;
    const stopWaiting = (): void => {
      if (waits) state.waiting -= 1;
      waits = false;
    };
    return {
      done: () => {
        const isAlone = state.waiting === 1;
        stopWaiting();
        if (isQueued) state.queued -= 1;
        isQueued = false;
        // Without a state the connector leaves an origin alone, whoever uses it.
        if (state.queued === 0 && this.#origins.get(origin) === state) this.#origins.delete(origin);
        if (state.established === establishedBefore) return true;
        return isAlone ? false : undefined;
      },
      abandon: () => {
        stopWaiting();
        if (state.waiting === 0) for (const connecting of state.connecting) giveUp(connecting);
      },
    };
  }

  /** Closes every connection that is still on its way. */
  giveUpAll(): void {
    for (const connecting of this.#connecting) giveUp(connecting);
  }
}

/** State of one origin while requests of ours stand in undici's queue for it. */
interface OriginState {
  /** Requests that are still wanted. */
  waiting: number;
  /** Those, and the given-up ones that undici has not dropped yet. */
  queued: number;
  /** Connections made since the first of these requests. */
  established: number;
  /** Connections on their way. */
  readonly connecting: Set<Connecting>;
}

function newState(): OriginState {
  return { waiting: 0, queued: 0, established: 0, connecting: new Set() };
}

function giveUp(connecting: Connecting): void {
  connecting.destroy(new Error("nobody waits for this connection"));
}

/** One request's wait for a connection. */
export interface ConnectionWait {
  /**
   * The request has its connection, failed, or was dropped by undici. Returns whether an open connection was used
   * again; `undefined` when that is not known.
   */
  done(): boolean | undefined;
  /** The request was given up: attempts that no other request waits for are closed. */
  abandon(): void;
}

/** Notes the wait with the dispatcher's connector; without one that is ours there is nothing to do. */
export function waitForConnection(dispatcher: Dispatcher, origin: string): ConnectionWait {
  return connectionsOf.get(dispatcher)?.waitFor(origin) ?? NO_WAIT;
}

export const NO_WAIT: ConnectionWait = { done: () => undefined, abandon() {} };

function originOf({ protocol, host, hostname }: buildConnector.Options): string {
  return new URL(`${protocol}//${host ?? hostname}`).origin;
}
