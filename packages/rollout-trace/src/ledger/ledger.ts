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
  /** Requests that were made to compact a history. A recording does not say how many tokens they took. */
  readonly compactionRequests: number;
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
