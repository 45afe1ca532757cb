import type { RequestKind } from "../metadata/metadata-snapshot.ts";
import { combineObservers } from "./combine-observers.ts";
import type { ObserveTransport } from "./observe-transport.ts";

/** The request something happened to. */
interface OfRequest {
  /** `undefined` for what belongs to no turn, as a start-up warm-up. */
  readonly turnId: string | undefined;
  readonly requestKind: RequestKind["type"] | undefined;
}

/** A turn sends a failed request again, after a wait. Retries of the transport are in `AttemptEnded.retry`. */
export interface TurnRetry extends OfRequest {
  readonly delayMs: number;
  /** Whether the server asked for the delay. */
  readonly delaySource: "backoff" | "retry_after";
  /** Code of the failure; see `RequestFailure`. */
  readonly reason: string;
  /** Counts the retries in a row from 1, up to `maxRetries`. */
  readonly number: number;
  readonly maxRetries: number;
}

/** The requests of a thread take another transport from now on. */
export interface TransportSwitch extends OfRequest {
  readonly from: "websocket";
  readonly to: "http";
  /**
   * `upgrade_426`: the server refuses WebSockets. `retries_used_up`: no try worked. `unreachable`: nobody was ever
   * reached, so no more was tried. `not_sendable`: such a request cannot be made here. `setting`: `httpOnly`.
   */
  readonly cause: SwitchCause;
}

/** Why requests left WebSockets; see `TransportSwitch.cause`. */
export type SwitchCause =
  | "upgrade_426"
  | "retries_used_up"
  | "unreachable"
  | "not_sendable"
  | "setting";

/** A step taken after a refused login (401), before the request is sent again or fails for good. */
export interface AuthRecovery extends OfRequest {
  /** `reload`: the stored login was read again. `external`: the supplier of the token was asked for another. */
  readonly step: "reload" | "refresh" | "external";
  /**
   * `adopted`: another process had renewed the login. `refused`: the refresh was, and only a new login helps. `failed`:
   * it may work later.
   */
  readonly outcome: "ok" | "adopted" | "refused" | "failed";
  /** Of the response to a refresh that failed, where there was one. */
  readonly status?: number | undefined;
  /** Why, when it was refused. Never a token, nor a part of one. */
  readonly code: string | undefined;
  readonly durationMs: number;
}

/** Listeners for the way of requests over the wire. What these throw is dropped. */
export interface TransportListeners {
  /**
   * Asked once per request for an observer of its attempts on the wire: times, headers without secrets, retries.
   * Default: nobody.
   */
  readonly observeTransport?: ObserveTransport | undefined;
  /** A turn waits to send a failed request again. */
  readonly onRetry?: ((retry: TurnRetry) => void) | undefined;
  /** The thread leaves WebSockets for HTTP. */
  readonly onTransportSwitched?: ((change: TransportSwitch) => void) | undefined;
  /** A refused login was renewed, or could not be. */
  readonly onAuthRecovery?: ((recovery: AuthRecovery) => void) | undefined;
  /** A response names the version of the provider's model list (`x-models-etag`); for `ModelsManager.noteEtag`. */
  readonly onModelsEtag?: ((etag: string) => void) | undefined;
}

/** Listeners of which each is there. */
export type CombinedListeners = Pick<TransportListeners, "observeTransport"> & {
  readonly [Name in Exclude<keyof TransportListeners, "observeTransport">]-?: NonNullable<
    TransportListeners[Name]
  >;
};

/** Several listeners as one. */
export function combineListeners(all: readonly TransportListeners[]): CombinedListeners {
  const observing = all.flatMap(({ observeTransport }) => observeTransport ?? []);
  return {
    observeTransport:
      observing.length === 0
        ? undefined
        : (call) => combineObservers(observing.map((observe) => quietly(() => observe(call)))),
    onRetry: (retry) => {
      for (const each of all) quietly(() => each.onRetry?.(retry));
    },
    onTransportSwitched: (change) => {
      for (const each of all) quietly(() => each.onTransportSwitched?.(change));
    },
    onAuthRecovery: (recovery) => {
      for (const each of all) quietly(() => each.onAuthRecovery?.(recovery));
    },
    onModelsEtag: (etag) => {
      for (const each of all) quietly(() => each.onModelsEtag?.(etag));
    },
  };
}

function quietly<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch {
    // A listener must not be able to break a request.
    return undefined;
  }
}
