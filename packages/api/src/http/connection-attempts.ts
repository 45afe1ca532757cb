import type { Socket } from "node:net";
import type { Dispatcher } from "undici";
import { buildConnector } from "undici";

/** Agents made here, and the composed dispatchers around them. */
const attemptsOf = new WeakMap<Dispatcher, ConnectionAttempts>();

/**
 * Connects sockets for an agent and gives up attempts nobody waits for any more. undici ties a connection to its pool and
 * not to a request, so an aborted request would otherwise leave a socket that keeps trying.
 */
export class ConnectionAttempts {
  readonly connect: buildConnector.connector;
  readonly #origins = new Map<string, OriginState>();

  constructor(options: buildConnector.BuildOptions) {
    const connect = buildConnector(options) as unknown as SocketConnector;
    this.connect = (target, done) => {
      const state = this.#origins.get(originOf(target));
      const socket = connect(target, (...result) => {
        state?.sockets.delete(socket);
        if (state !== undefined && result[0] === null) state.established += 1;
        done(...result);
      });
      state?.sockets.add(socket);
      // undici connects anew for requests that were given up while they stood in its queue.
      if (state !== undefined && state.waiting === 0) giveUp(socket);
    };
  }

  /** Tells that `dispatcher` connects through this. */
  belongsTo(dispatcher: Dispatcher): void {
    attemptsOf.set(dispatcher, this);
  }

  /** Notes that a request waits for a connection to an origin. */
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
        if (state.waiting === 0) for (const socket of state.sockets) giveUp(socket);
      },
    };
  }
}

/** What is known about one origin while requests of ours stand in undici's queue for it. */
interface OriginState {
  /** Requests somebody still wants. */
  waiting: number;
  /** Those, and the given-up ones that undici has not dropped yet. */
  queued: number;
  /** Connections made since the first of these requests. */
  established: number;
  /** Connections on their way. */
  readonly sockets: Set<Socket>;
}

function newState(): OriginState {
  return { waiting: 0, queued: 0, established: 0, sockets: new Set() };
}

function giveUp(socket: Socket): void {
  socket.destroy(new Error("nobody waits for this connection"));
}

/** One request's wait for a connection. */
export interface ConnectionWait {
  /**
   * The request has its connection, failed, or was dropped by undici. Tells whether an open connection was used again;
   * `undefined` when that cannot be told.
   */
  done(): boolean | undefined;
  /** The request was given up: attempts that no other request waits for are closed. */
  abandon(): void;
}

/** Notes the wait with the dispatcher's connector; without one that is ours there is nothing to do. */
export function waitForConnection(dispatcher: Dispatcher, origin: string): ConnectionWait {
  return attemptsOf.get(dispatcher)?.waitFor(origin) ?? noWait;
}

const noWait: ConnectionWait = { done: () => undefined, abandon() {} };

/** undici's connector returns the socket, which its types leave out. */
type SocketConnector = (
  options: buildConnector.Options,
  callback: (...args: Parameters<buildConnector.Callback>) => void,
) => Socket;

function originOf({ protocol, host, hostname }: buildConnector.Options): string {
  return new URL(`${protocol}//${host ?? hostname}`).origin;
}
