// Every line here is public API: adding one needs a changeset.
export { buildLedger } from "./build-ledger.ts";
export { PriceListError, readPriceList } from "./read-price-list.ts";
export { percentiles } from "./wire-facts.ts";
export { serviceTiers } from "./service-tiers.ts";

export type { BuildLedgerOptions } from "./build-ledger.ts";
export type {
  Ledger,
  LedgerAgent,
  LedgerPercentiles,
  LedgerRequest,
  LedgerSum,
  LedgerTokens,
  LedgerTurn,
} from "./ledger.ts";
export type { ModelPrice, PriceList } from "./prices.ts";
