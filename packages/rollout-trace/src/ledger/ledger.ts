import type { ExecutionStatus } from "../format/raw-event.ts";

/** Tokens of one request, or of several together. */
export interface LedgerTokens {
  readonly input: number;
  /** Part of `input`. */
  readonly cachedInput: number;
  /** Part of `input`; 0 where the recording's schema does not know it (schema 1). */
  readonly cacheWriteInput: number;
  readonly output: number;
  /** Part of `output`. */
  readonly reasoningOutput: number;
  /** `input` and `output`. */
  readonly total: number;
}

/** One request for a response. */
export interface LedgerRequest {
  /** Counts from 1 in order of their start, over all agents. */
  readonly number: number;
  readonly inferenceCallId: string;
  readonly threadId: string;
  readonly turnId: string;
  readonly model: string;
  readonly status: ExecutionStatus;
  readonly responseId: string | null;
  readonly upstreamRequestId: string | null;
  /** `undefined` when the response did not say, as for most failures. Never guessed. */
  readonly tokens: LedgerTokens | undefined;
  /** `undefined` while it runs. */
  readonly durationMs: number | undefined;
  /** In billionths of the currency. `undefined` without tokens, or without a price of its model. */
  readonly costNano: number | undefined;
  /** How often it was sent: what the transport repeated counts. `undefined` where no wire log says so. */
  readonly attempts: number | undefined;
  /** From its start to the first event of its response, in milliseconds. `undefined` where no wire log says so. */
  readonly firstEventMs: number | undefined;
}

/** Milliseconds that half and 95 % of several requests took at most, and the longest; by nearest rank. */
export interface LedgerPercentiles {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Several requests together. */
export interface LedgerSum {
  readonly requests: number;
  /** Requests whose tokens are unknown: `tokens` is the least it can have been when there are any. */
  readonly requestsWithoutTokens: number;
  readonly tokens: LedgerTokens;
  /** Sum over the requests that ended. */
  readonly durationMs: number;
  /**
   * In billionths of the currency, of the requests whose cost is known; `undefined` when no price list was given, or
   * when none of them has one.
   */
  readonly costNano: number | undefined;
  /** Requests whose cost is unknown, when there is a price list: `costNano` is the least it can have been. */
  readonly requestsWithoutCost: number;
  /**
   * Requests that were made to compact a history, also those the wire log alone has. A recording does not say how many
   * tokens they took.
   */
  readonly compactionRequests: number;
  /** Sum over the requests of which a wire log says so; `undefined` where it says so of none. */
  readonly attempts: number | undefined;
  /** Requests to get ready for a response (`generate: false`), whose tokens no recording has; `undefined`: no wire log. */
  readonly warmUps: number | undefined;
  /** Of the requests whose first event is known; `undefined` for none. */
  readonly firstEvent: LedgerPercentiles | undefined;
}

/** One turn. */
export interface LedgerTurn extends LedgerSum {
  readonly turnId: string;
  readonly threadId: string;
}

/** One agent. */
export interface LedgerAgent extends LedgerSum {
  readonly threadId: string;
  readonly agentPath: string;
  readonly nickname: string | null;
  /** The agent itself and every agent that it started, or that one of those did. */
  readonly withChildren: LedgerSum;
}

/** Tokens and cost of a run, request by request. */
export interface Ledger {
  /** In order of their start. */
  readonly requests: readonly LedgerRequest[];
  /** In order of their first request; turns without a request come last. */
  readonly turns: readonly LedgerTurn[];
  /** By agent path. */
  readonly agents: readonly LedgerAgent[];
  readonly total: LedgerSum;
  /** Of the price list. */
  readonly currency: string | undefined;
  /** Models without a price, by name. Empty without a price list. */
  readonly unpricedModels: readonly string[];
}
