import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { ModelPrice, PriceList } from "./prices.ts";

/** A price list that cannot be used. The message names the member and what it should be, never its value. */
export class PriceListError extends Error {
  override readonly name = "PriceListError";
}

/** Checks a price list, e.g. from a file. Throws {@link PriceListError} for the first member that is wrong. */
export function readPriceList(value: JsonValue): PriceList {
  if (!isJsonObject(value)) throw new PriceListError("a price list is a JSON object");
  const { currency, per, as_of: asOf, models } = value;
  if (typeof currency !== "string" || currency === "")
    throw new PriceListError("`currency` must be a text, e.g. `USD`");
  if (typeof per !== "number" || !Number.isSafeInteger(per) || per < 1)
    throw new PriceListError("`per` must be a whole number of tokens, e.g. 1000000");
  if (asOf !== undefined && typeof asOf !== "string")
    throw new PriceListError("`as_of` must be a text, e.g. `2026-11-01`");
  if (models === undefined || !isJsonObject(models))
    throw new PriceListError("`models` must be an object with one member per model");
  const prices = Object.entries(models).map(
    ([model, price]) => [model, readPrice(`models.${model}`, price)] as const,
  );
  return { currency, per, as_of: asOf, models: Object.fromEntries(prices) };
}

function readPrice(path: string, value: JsonValue | undefined): ModelPrice {
  if (value === undefined || !isJsonObject(value))
    throw new PriceListError(`\`${path}\` must be an object with \`input\` and \`output\``);
  const input = optionalPrice(`${path}.input`, value["input"]);
  const output = optionalPrice(`${path}.output`, value["output"]);
  if (input === undefined || output === undefined)
    throw new PriceListError(`\`${path}\` needs \`input\` and \`output\``);
  return {
    input,
    cached_input: optionalPrice(`${path}.cached_input`, value["cached_input"]),
    cache_write: optionalPrice(`${path}.cache_write`, value["cache_write"]),
    output,
    tiers: readTiers(`${path}.tiers`, value["tiers"]),
  };
}

function readTiers(
  path: string,
  value: JsonValue | undefined,
): Readonly<Record<string, number>> | undefined {
  if (value === undefined) return undefined;
  if (!isJsonObject(value))
    throw new PriceListError(`\`${path}\` must be an object with one factor per service tier`);
  const factors = Object.entries(value).flatMap(([tier, factor]) => {
    const number = optionalPrice(`${path}.${tier}`, factor);
    return number === undefined ? [] : [[tier, number] as const];
  });
  return Object.fromEntries(factors);
}

/** Larger ones would not be exact. */
const LARGEST_PRICE = 1_000_000;

function optionalPrice(path: string, value: JsonValue | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && value >= 0 && value <= LARGEST_PRICE) return value;
  throw new PriceListError(`\`${path}\` must be a number from 0 to ${LARGEST_PRICE}`);
}
