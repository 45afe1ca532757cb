import type { LedgerTokens } from "./ledger.ts";

/** Prices of one model, for so many tokens as the list says. */
export interface ModelPrice {
  readonly input: number;
  /** Default: `input`. */
  readonly cached_input?: number | undefined;
  /** Default: `input`. */
  readonly cache_write?: number | undefined;
  readonly output: number;
  /** Factor per service tier. A tier that is not named costs the price itself. */
  readonly tiers?: Readonly<Record<string, number>> | undefined;
}

/** Prices of models. None are built in: they change. */
export interface PriceList {
  /** Code or sign, for display. */
  readonly currency: string;
  /** Number of tokens that the prices are for, e.g. 1000000. */
  readonly per: number;
  /** Day of the prices, for display. */
  readonly as_of?: string | undefined;
  /** By model id. A key that ends in `-` stands for every model that begins with it; the longest one counts. */
  readonly models: Readonly<Record<string, ModelPrice>>;
}

const NANO = 1_000_000_000;

/** The price of a model: that of its exact id, else of the longest prefix that fits. */
export function priceOf({ models }: PriceList, model: string): ModelPrice | undefined {
  if (Object.hasOwn(models, model)) return models[model];
  const prefix = Object.keys(models)
    .filter((key) => key.endsWith("-") && model.startsWith(key))
    .toSorted((left, right) => right.length - left.length)[0];
  return prefix === undefined ? undefined : models[prefix];
}

/** Billionths of the currency, rounded half up once, at the end. */
export function costNano(
  tokens: LedgerTokens,
  { price, per, tier }: { price: ModelPrice; per: number; tier: string | undefined },
): number {
  const { input, cached_input: cached = input, cache_write: cacheWrite = input, output } = price;
  const plainTokens = Math.max(0, tokens.input - tokens.cachedInput - tokens.cacheWriteInput);
  const factor = tierFactor(price, tier);
  // Whole numbers throughout: a price has at most nine digits behind the point, a factor too.
  const sum =
    BigInt(plainTokens) * nano(input) +
    BigInt(tokens.cachedInput) * nano(cached) +
    BigInt(tokens.cacheWriteInput) * nano(cacheWrite) +
    BigInt(tokens.output) * nano(output);
  const divisor = BigInt(per) * BigInt(NANO);
  return Number((2n * sum * nano(factor) + divisor) / (2n * divisor));
}

function tierFactor({ tiers }: ModelPrice, tier: string | undefined): number {
  return tier !== undefined && tiers !== undefined && Object.hasOwn(tiers, tier)
    ? (tiers[tier] ?? 1)
    : 1;
}

function nano(value: number): bigint {
  return BigInt(Math.round(value * NANO));
}
