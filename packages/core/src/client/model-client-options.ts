import type { ClientOptions, ErrorPolicy, Network } from "@codex-ts/api";
import type { ModelProvider } from "@codex-ts/model-provider";
import type { Compatibility, ModelInfo, SessionSource } from "@codex-ts/protocol";
import type {
  HistoryInitialization,
  ResponsesMetadataInit,
} from "../metadata/metadata-snapshot.ts";
import type { SandboxMode } from "../policies.ts";
import type { TransportListeners } from "./transport-listeners.ts";

/** Settings of a model client, for the life of its thread. */
export interface ModelClientOptions extends Omit<TransportListeners, "onRetry" | "onModelsEtag"> {
  readonly provider: ModelProvider;
  readonly model: ModelInfo;
  readonly threadId: string;
  /** Default: `threadId`, as for a root thread. */
  readonly sessionId?: string | undefined;
  readonly installationId: string;
  /** The generation of Codex whose requests and verdicts on responses are followed. Default `0.171`. */
  readonly compatibility?: Compatibility | undefined;
  readonly sessionSource: SessionSource;
  /** Default: the parent a spawned thread's source names. */
  readonly parentThreadId?: string | undefined;
  readonly forkedFromThreadId?: string | undefined;
  /** Number of the line of that thread's session file behind which the two differ. */
  readonly forkedFromOrdinal?: number | undefined;
  readonly threadSource?: string | undefined;
  /** Number of compactions of a thread that is resumed. Default 0. */
  readonly windowGeneration?: number | undefined;
  /** UUIDv7 of the context window the client begins in: on resume the one the thread had. Default: a new one. */
  readonly contextWindowId?: string | undefined;
  /** Default: `warm_fork` with `forkedFromThreadId`, else `new`. */
  readonly historyInitialization?: HistoryInitialization | undefined;
  /** `sandbox_mode` of the turn metadata. */
  readonly sandboxMode?: SandboxMode | undefined;
  /** `analytics_enabled` of the turn metadata. Default false. */
  readonly analyticsEnabled?: boolean | undefined;
  /** `sandbox` of the turn metadata: how commands are confined, e.g. `seccomp` or `none`. */
  readonly sandbox?: string | undefined;
  /** Default: the model's. */
  readonly reasoningEffort?: string | undefined;
  /** Default: the model's. */
  readonly reasoningSummary?: "auto" | "concise" | "detailed" | "none" | undefined;
  /** Default: the model's. */
  readonly verbosity?: "low" | "medium" | "high" | undefined;
  /** Sent only when the model lists it. */
  readonly serviceTier?: string | undefined;
  /** Default: `sessionId`; `threadId` as in 0.140. */
  readonly promptCacheKey?: string | undefined;
  /** Default none. */
  readonly betaFeatures?: readonly string[] | undefined;
  /** Compresses requests where the server is known to accept it: OpenAI's own, with a ChatGPT login. Default true. */
  readonly requestCompression?: boolean | undefined;
  /** Asks a WebSocket server for timing events. Default false. */
  readonly includeTimingMetrics?: boolean | undefined;
  /** `originator` and `user-agent`. */
  readonly clientHeaders?: readonly (readonly [string, string])[] | undefined;
  /** Default: that of `compatibility`, `0.169` for 0.171. */
  readonly errorPolicy?: ErrorPolicy | undefined;
  /**
   * How this machine reaches the network, for HTTP and WebSocket alike: see `networkFromEnvironment` of the api package.
   * Stays open when the client is closed. Default: direct connections.
   */
  readonly network?: Network | undefined;
  /** undici dispatcher that carries HTTP requests. Default: that of `network`. */
  readonly dispatcher?: ClientOptions["dispatcher"];
  /** Sends every request over HTTP, also where the provider supports WebSockets. Default false. */
  readonly httpOnly?: boolean | undefined;
  /**
   * Longest wait for the beginning of a response, and for its first event where the provider's idle timeout is not
   * shorter; in milliseconds. Default: the idle timeout.
   */
  readonly firstResponseTimeoutMs?: number | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Waits between retries of the transport; rejects with the signal's reason when aborted. Default: a timer. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** Facts of one request that the client does not know, or knows the default of. */
export type RequestIdentity = Pick<
  ResponsesMetadataInit,
  | "turnId"
  | "rootTurnId"
  | "parentTurnId"
  | "turnTrigger"
  | "requestKind"
  | "workspaces"
  | "turnStartedAtUnixMs"
  | "model"
  | "reasoningEffort"
  | "sandbox"
  | "sandboxMode"
  | "extra"
>;
