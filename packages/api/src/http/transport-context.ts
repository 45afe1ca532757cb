import type { ErrorPolicy } from "@codex-ts/protocol";
import { setTimeout as delay } from "node:timers/promises";
import type { Dispatcher } from "undici";
import type { AuthProvider } from "../provider/auth-provider.ts";
import type { TransportObserver } from "../observe/observer.ts";
import type { ApiProvider } from "../provider/provider.ts";
import type { RequestFormat } from "../endpoints/request-format.ts";
import { DEFAULT_REQUEST_FORMAT } from "../endpoints/request-format.ts";
import { DEFAULT_MAX_RETRY_AFTER_MS } from "./retry-policy.ts";
import { CloudflareCookieJar } from "../network/cookie-jar.ts";
import { defaultDispatcher } from "../network/default-dispatcher.ts";

/** One for the process, as Codex has it: the cookies belong to the machine, not to an account. */
const sharedCookies = new CloudflareCookieJar();

/** Options of every client of this package. */
export interface ClientOptions {
  readonly provider: ApiProvider;
  readonly auth: AuthProvider;
  /** undici dispatcher that carries the requests. Default: one agent for the process, without proxies. */
  readonly dispatcher?: Dispatcher | undefined;
  /** Sees every attempt. */
  readonly observer?: TransportObserver | undefined;
  /** Default `0.169`. */
  readonly errorPolicy?: ErrorPolicy | undefined;
  /** How requests for responses are written. Default: as Codex 0.140 writes them. */
  readonly requestFormat?: RequestFormat | undefined;
  /** Weakest layer of headers (`originator`, `user-agent`): set only where no other layer has the name. */
  readonly clientHeaders?: Iterable<readonly [string, string]> | undefined;
  /** Longest wait a `Retry-After` header can ask for, in milliseconds. Default 60000. */
  readonly maxRetryAfterMs?: number | undefined;
  /** Cookies of ChatGPT's front door. Default: one jar for the process. */
  readonly cookies?: CloudflareCookieJar | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Waits between retries; rejects when the signal aborts. Default: a timer. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** Uniform in [0, 1), for jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** `ClientOptions` with every default applied. */
export interface TransportContext {
  readonly provider: ApiProvider;
  readonly auth: AuthProvider;
  readonly dispatcher: Dispatcher;
  readonly observers: readonly TransportObserver[];
  readonly errorPolicy: ErrorPolicy;
  readonly requestFormat: RequestFormat;
  readonly clientHeaders: readonly (readonly [string, string])[];
  readonly maxRetryAfterMs: number;
  readonly cookies: CloudflareCookieJar;
  /** Credentials of a request this one follows from. */
  readonly knownSecrets: Iterable<string>;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

export function transportContext(options: ClientOptions): TransportContext {
  return {
    provider: options.provider,
    auth: options.auth,
    dispatcher: options.dispatcher ?? defaultDispatcher(),
    observers: options.observer === undefined ? [] : [options.observer],
    errorPolicy: options.errorPolicy ?? "0.169",
    requestFormat: options.requestFormat ?? DEFAULT_REQUEST_FORMAT,
    clientHeaders: [...(options.clientHeaders ?? [])],
    maxRetryAfterMs: options.maxRetryAfterMs ?? DEFAULT_MAX_RETRY_AFTER_MS,
    cookies: options.cookies ?? sharedCookies,
    knownSecrets: [],
    now: options.now ?? Date.now,
    sleep: options.sleep ?? sleepOnTimer,
    random: options.random ?? Math.random,
  };
}

/** The context of one call: a further observer after the client's own. */
export function withObserver(
  context: TransportContext,
  observer: TransportObserver | undefined,
): TransportContext {
  return observer === undefined
    ? context
    : { ...context, observers: [...context.observers, observer] };
}

async function sleepOnTimer(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
}
