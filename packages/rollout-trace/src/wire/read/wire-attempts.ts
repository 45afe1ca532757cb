import type {
  WireAttemptEnded,
  WireAttemptResponded,
  WireAttemptStarted,
  WireAuth,
  WireConnectionClosed,
  WireConnectionOpened,
  WireFrames,
  WireRecord,
  WireRetryScheduled,
  WireStall,
  WireTransportSwitched,
} from "../records.ts";
import type { WireProblemCode } from "./wire-diagnostic.ts";

/** One attempt with everything that was recorded about it. */
export interface WireAttempt {
  readonly id: string;
  readonly started: WireAttemptStarted;
  readonly responded: WireAttemptResponded | undefined;
  /** `undefined`: the log ends before the attempt does. */
  readonly ended: WireAttemptEnded | undefined;
  readonly stalls: readonly WireStall[];
  /** Empty unless frames were recorded. */
  readonly frames: readonly WireFrames[];
  /** It was to be sent again. */
  readonly retry: WireRetryScheduled | undefined;
  /** Renewals of the login because it was refused. */
  readonly auth: readonly WireAuth[];
  /** It led to another transport. */
  readonly switched: WireTransportSwitched | undefined;
  /** Of its connection, when it is a WebSocket request or an accepted handshake. */
  readonly connection: WireConnection | undefined;
  /** The log ends behind it in order, or was not read to its end: if it did not end, it is not known how. */
  readonly isLogClosed: boolean;
}

/** One WebSocket connection. */
export interface WireConnection {
  readonly id: string;
  readonly opened: WireConnectionOpened | undefined;
  /** `undefined`: the log ends before the connection does. */
  readonly closed: WireConnectionClosed | undefined;
  /** Ids of its requests, by their position. */
  readonly attemptIds: readonly string[];
}

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };
type Draft = Mutable<Omit<WireAttempt, "stalls" | "frames" | "auth">> & {
  readonly stalls: WireStall[];
  readonly frames: WireFrames[];
  readonly auth: WireAuth[];
};
type ConnectionDraft = Mutable<Omit<WireConnection, "attemptIds">> & {
  readonly attemptIds: string[];
};

export interface Assembled {
  /** In the order they started. */
  readonly attempts: readonly WireAttempt[];
  readonly connections: readonly WireConnection[];
  readonly problems: readonly { readonly code: WireProblemCode; readonly message: string }[];
}

/** Puts the records of each attempt and each connection together. `isCut`: more was there, and was not read. */
export function assemble(
  records: readonly WireRecord[],
  { isCut }: { readonly isCut: boolean },
): Assembled {
  const assembly = new Assembly(isCut);
  for (const record of records) assembly.add(record);
  return assembly.result();
}

class Assembly {
  readonly #attempts = new Map<string, Draft>();
  readonly #connections = new Map<string, ConnectionDraft>();
  readonly #problems: Assembled["problems"][number][] = [];
  #isClosed: boolean;

  constructor(isClosed: boolean) {
    this.#isClosed = isClosed;
  }

  add(record: WireRecord): void {
    switch (record.type) {
      case "attempt_started":
        return this.#start(record);
      case "attempt_responded":
        return this.#with(record.attempt_id, record.type, (attempt) => {
          attempt.responded ??= record;
        });
      case "stall":
        return this.#with(record.attempt_id, record.type, ({ stalls }) => void stalls.push(record));
      case "frames":
        return this.#with(record.attempt_id, record.type, ({ frames }) => void frames.push(record));
      case "attempt_ended":
        return this.#with(record.attempt_id, record.type, (attempt) => this.#end(attempt, record));
      case "retry_scheduled":
        return this.#about(record.after_attempt_id, (attempt) => void (attempt.retry = record));
      case "auth":
        return this.#about(record.caused_by_attempt_id, ({ auth }) => void auth.push(record));
      case "transport_switched":
        return this.#about(record.attempt_id, (attempt) => void (attempt.switched = record));
      case "connection_opened":
        this.#connection(record.connection_id).opened = record;
        return;
      case "connection_closed":
        this.#connection(record.connection_id).closed = record;
        return;
      case "wire_closed":
        this.#isClosed = true;
        return;
      case "wire_opened":
      case "other":
        return;
      default:
        record satisfies never;
    }
  }

  result(): Assembled {
    const attempts = [...this.#attempts.values()];
    for (const attempt of attempts) attempt.isLogClosed = this.#isClosed;
    return { attempts, connections: [...this.#connections.values()], problems: this.#problems };
  }

  #start(record: WireAttemptStarted): void {
    const { attempt_id: id, connection_id: connectionId } = record;
    if (this.#attempts.has(id)) {
      this.#problems.push({ code: "unknown_attempt", message: "an attempt started twice" });
      return;
    }
    const connection = connectionId === undefined ? undefined : this.#connection(connectionId);
    connection?.attemptIds.push(id);
    this.#attempts.set(id, {
      id,
      started: record,
      responded: undefined,
      ended: undefined,
      stalls: [],
      frames: [],
      retry: undefined,
      auth: [],
      switched: undefined,
      connection,
      isLogClosed: false,
    });
  }

  #end(attempt: Draft, record: WireAttemptEnded): void {
    attempt.ended ??= record;
    if (record.connection_id !== undefined) {
      attempt.connection ??= this.#connection(record.connection_id);
    }
  }

  #with(id: string, type: string, change: (attempt: Draft) => void): void {
    const attempt = this.#attempts.get(id);
    if (attempt !== undefined) change(attempt);
    else {
      const message = `${type} is about an attempt that did not start`;
      this.#problems.push({ code: "unknown_attempt", message });
    }
  }

  #about(id: string | undefined, change: (attempt: Draft) => void): void {
    const attempt = id === undefined ? undefined : this.#attempts.get(id);
    if (attempt !== undefined) change(attempt);
  }

  #connection(id: string): ConnectionDraft {
    const known = this.#connections.get(id);
    if (known !== undefined) return known;
    const made: ConnectionDraft = { id, opened: undefined, closed: undefined, attemptIds: [] };
    this.#connections.set(id, made);
    return made;
  }
}
