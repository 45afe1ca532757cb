import { callsInOrder } from "../model/calls.ts";
import type { InferenceCall } from "../model/runtime.ts";
import type { AgentThread } from "../model/session.ts";
import type { ReducedTrace } from "../model/trace.ts";
import type { WireJoin } from "../wire/read/join-wire.ts";
import type {
  Ledger,
  LedgerAgent,
  LedgerRequest,
  LedgerSum,
  LedgerTokens,
  LedgerTurn,
} from "./ledger.ts";
import { costNano, priceOf } from "./prices.ts";
import type { PriceList } from "./prices.ts";
import { percentiles, unrecordedCompactions, warmUps, wireFacts } from "./wire-facts.ts";
import type { LedgerPlace } from "./wire-facts.ts";

/** Prices, and facts that a state does not have. */
export interface BuildLedgerOptions {
  /** Default: no cost is worked out. */
  readonly prices?: PriceList | undefined;
  /** The wire log of the run, joined with its state: attempts, warm-ups and first events. Default: they are unknown. */
  readonly wire?: WireJoin | undefined;
  /** The service tier that a request asked for, which a state does not have. Default: none. */
  readonly serviceTierOf?: ((call: InferenceCall) => string | undefined) | undefined;
}

/** Adds up what a run used: per request, turn and agent. The sums are those of the requests' own counters. */
export function buildLedger(state: ReducedTrace, options: BuildLedgerOptions = {}): Ledger {
  const requests = callsInOrder(state).map((call, index) =>
    ledgerRequest(call, index + 1, options),
  );
  const compactions = [
    ...Object.values(state.compaction_requests).map(
      ({ thread_id: threadId, codex_turn_id: turnId }) => ({ threadId, turnId }),
    ),
    ...unrecordedCompactions(options.wire),
  ];
  const book: Book = {
    requests,
    compactions,
    warmUps: warmUps(options.wire),
    hasPrices: options.prices !== undefined,
  };
  return {
    requests,
    turns: ledgerTurns(state, book),
    agents: ledgerAgents(state, book),
    total: sumOf(book),
    currency: options.prices?.currency,
    unpricedModels: options.prices === undefined ? [] : unpriced(options.prices, requests),
  };
}

interface Book {
  readonly requests: readonly LedgerRequest[];
  readonly compactions: readonly LedgerPlace[];
  readonly warmUps: readonly LedgerPlace[] | undefined;
  readonly hasPrices: boolean;
}

function ledgerRequest(
  call: InferenceCall,
  number: number,
  options: BuildLedgerOptions,
): LedgerRequest {
  const { started_at_unix_ms: start, ended_at_unix_ms: end, status } = call.execution;
  const tokens = tokensOf(call);
  return {
    number,
    inferenceCallId: call.inference_call_id,
    threadId: call.thread_id,
    turnId: call.codex_turn_id,
    model: call.model,
    status,
    responseId: call.response_id,
    upstreamRequestId: call.upstream_request_id,
    tokens,
    durationMs: end === null ? undefined : Math.max(0, end - start),
    costNano: tokens && costOf(call, tokens, options),
    ...wireFacts(call, options.wire),
  };
}

function tokensOf({ usage }: InferenceCall): LedgerTokens | undefined {
  if (usage === null) return undefined;
  return {
    input: usage.input_tokens,
    cachedInput: usage.cached_input_tokens,
    cacheWriteInput: usage.cache_write_input_tokens ?? 0,
    output: usage.output_tokens,
    reasoningOutput: usage.reasoning_output_tokens,
    total: usage.input_tokens + usage.output_tokens,
  };
}

function costOf(
  call: InferenceCall,
  tokens: LedgerTokens,
  { prices, serviceTierOf }: BuildLedgerOptions,
): number | undefined {
  const price = prices && priceOf(prices, call.model);
  if (prices === undefined || price === undefined) return undefined;
  // Looking a tier up may mean reading the request.
  const tier = price.tiers === undefined ? undefined : serviceTierOf?.(call);
  return costNano(tokens, { price, per: prices.per, tier });
}

function ledgerTurns(state: ReducedTrace, book: Book): LedgerTurn[] {
  const requests = Map.groupBy(book.requests, ({ turnId }) => turnId);
  const compactions = Map.groupBy(book.compactions, ({ turnId }) => turnId);
  const warming = Map.groupBy(book.warmUps ?? [], ({ turnId }) => turnId);
  return [...new Set([...requests.keys(), ...Object.keys(state.codex_turns)])].map((turnId) => {
    const ofTurn = requests.get(turnId) ?? [];
    return {
      turnId,
      threadId: state.codex_turns[turnId]?.thread_id ?? ofTurn[0]?.threadId ?? "",
      ...sumOf({
        ...book,
        requests: ofTurn,
        compactions: compactions.get(turnId) ?? [],
        warmUps: book.warmUps && (warming.get(turnId) ?? []),
      }),
    };
  });
}

function ledgerAgents(state: ReducedTrace, book: Book): LedgerAgent[] {
  const threads = Object.values(state.threads);
  return threads
    .map((thread) => ({
      threadId: thread.thread_id,
      agentPath: thread.agent_path,
      nickname: thread.nickname,
      ...sumOf(pagesOf(book, new Set([thread.thread_id]))),
      withChildren: sumOf(pagesOf(book, familyOf(thread, threads))),
    }))
    .toSorted(
      (left, right) =>
        compare(left.agentPath, right.agentPath) || compare(left.threadId, right.threadId),
    );
}

function pagesOf(book: Book, threadIds: ReadonlySet<string>): Book {
  return {
    ...book,
    requests: book.requests.filter(({ threadId }) => threadIds.has(threadId)),
    compactions: book.compactions.filter(({ threadId }) => threadIds.has(threadId)),
    warmUps: book.warmUps?.filter(({ threadId }) => threadIds.has(threadId)),
  };
}

/** Ids of a thread and of all that it started. A recording that says a thread started itself ends the search, too. */
function familyOf(root: AgentThread, threads: readonly AgentThread[]): ReadonlySet<string> {
  const family = new Set([root.thread_id]);
  for (const id of family) {
    for (const { thread_id: childId, origin } of threads) {
      if (origin.type === "spawned" && origin.parent_thread_id === id) family.add(childId);
    }
  }
  return family;
}

const NO_TOKENS: LedgerTokens = {
  input: 0,
  cachedInput: 0,
  cacheWriteInput: 0,
  output: 0,
  reasoningOutput: 0,
  total: 0,
};

function sumOf({ requests, compactions, warmUps: warming, hasPrices }: Book): LedgerSum {
  const attempts = requests.flatMap((request) => request.attempts ?? []);
  const costs = requests.flatMap(({ costNano: cost }) => (cost === undefined ? [] : [cost]));
  return {
    requests: requests.length,
    requestsWithoutTokens: requests.filter(({ tokens }) => tokens === undefined).length,
    tokens: requests.reduce((sum, { tokens }) => (tokens ? plus(sum, tokens) : sum), NO_TOKENS),
    durationMs: requests.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0),
    costNano: costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0),
    requestsWithoutCost: hasPrices ? requests.length - costs.length : 0,
    compactionRequests: compactions.length,
    attempts: attempts.length === 0 ? undefined : attempts.reduce((sum, each) => sum + each, 0),
    warmUps: warming?.length,
    firstEvent: percentiles(requests.flatMap(({ firstEventMs }) => firstEventMs ?? [])),
  };
}

function plus(left: LedgerTokens, right: LedgerTokens): LedgerTokens {
  return {
    input: left.input + right.input,
    cachedInput: left.cachedInput + right.cachedInput,
    cacheWriteInput: left.cacheWriteInput + right.cacheWriteInput,
    output: left.output + right.output,
    reasoningOutput: left.reasoningOutput + right.reasoningOutput,
    total: left.total + right.total,
  };
}

function unpriced(prices: PriceList, requests: readonly LedgerRequest[]): readonly string[] {
  const models = new Set(requests.map(({ model }) => model));
  return [...models].filter((model) => priceOf(prices, model) === undefined).toSorted(compare);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
