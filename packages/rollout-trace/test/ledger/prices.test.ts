import { describe, expect, test } from "vitest";
import { PriceListError, readPriceList } from "@codex-ts/rollout-trace/ledger";
import type { LedgerTokens, ModelPrice } from "@codex-ts/rollout-trace/ledger";
import { costNano, priceOf } from "../../src/ledger/prices.ts";

function tokens(input: number, output: number, parts: Partial<LedgerTokens> = {}): LedgerTokens {
  return {
    input,
    cachedInput: 0,
    cacheWriteInput: 0,
    output,
    reasoningOutput: 0,
    total: input + output,
    ...parts,
  };
}

const MILLION = 1_000_000;

// Worked out by hand: tokens, price, tokens the price is for, tier, billionths.
const CASES: readonly (readonly [LedgerTokens, ModelPrice, number, string | undefined, number])[] =
  [
    [tokens(0, 0), { input: 1, output: 1 }, MILLION, undefined, 0],
    [tokens(1, 0), { input: 1, output: 1 }, MILLION, undefined, 1000],
    [tokens(MILLION, 0), { input: 1.25, output: 10 }, MILLION, undefined, 1_250_000_000],
    [tokens(0, MILLION), { input: 1.25, output: 10 }, MILLION, undefined, 10_000_000_000],
    [tokens(1000, 100), { input: 2, output: 8 }, 1000, undefined, 2_800_000_000],
    [tokens(10, 0, { cachedInput: 10 }), { input: 1, output: 1 }, MILLION, undefined, 10_000],
    [
      tokens(10, 0, { cachedInput: 10 }),
      { input: 1, cached_input: 0.1, output: 1 },
      MILLION,
      undefined,
      1000,
    ],
    [
      tokens(10, 0, { cachedInput: 4 }),
      { input: 1, cached_input: 0, output: 1 },
      MILLION,
      undefined,
      6000,
    ],
    [tokens(10, 0, { cacheWriteInput: 10 }), { input: 1, output: 1 }, MILLION, undefined, 10_000],
    [
      tokens(10, 0, { cacheWriteInput: 4 }),
      { input: 1, cache_write: 1.25, output: 1 },
      MILLION,
      undefined,
      11_000,
    ],
    [
      tokens(100, 10, { cachedInput: 50, cacheWriteInput: 20 }),
      { input: 4, cached_input: 1, cache_write: 5, output: 20 },
      MILLION,
      undefined,
      // 30 x 4 + 50 x 1 + 20 x 5 + 10 x 20
      470_000,
    ],
    [tokens(100, 0), { input: 3, output: 1, tiers: { flex: 0.5 } }, MILLION, "flex", 150_000],
    [tokens(100, 0), { input: 3, output: 1, tiers: { flex: 0.5 } }, MILLION, "priority", 300_000],
    [tokens(100, 0), { input: 3, output: 1, tiers: { priority: 2 } }, MILLION, "priority", 600_000],
    [tokens(100, 0), { input: 3, output: 1, tiers: { free: 0 } }, MILLION, "free", 0],
    [tokens(100, 0), { input: 3, output: 1 }, MILLION, "flex", 300_000],
    // Half a billionth is rounded up, less is not.
    [tokens(1, 0), { input: 0.0005, output: 0 }, MILLION, undefined, 1],
    [tokens(1, 0), { input: 0.0004, output: 0 }, MILLION, undefined, 0],
    // More cached tokens than tokens: a server's mistake must not become a credit.
    [tokens(5, 0, { cachedInput: 10 }), { input: 1, output: 1 }, MILLION, undefined, 10_000],
    // 0.1 + 0.2: no binary fractions on the way.
    [
      tokens(3, 3, { cachedInput: 1 }),
      { input: 0.1, cached_input: 0.2, output: 0.3 },
      1,
      undefined,
      1_300_000_000,
    ],
  ];

test.each(CASES)("[trace/VW-10] price arithmetic, case %#", (used, price, per, tier, nano) => {
  expect(costNano(used, { price, per, tier })).toBe(nano);
});

describe("the price of a model", () => {
  const price = (input: number): ModelPrice => ({ input, output: 1 });
  const list = {
    currency: "USD",
    per: MILLION,
    models: { "gpt-5": price(1), "gpt-": price(2), "gpt-5-": price(3), o: price(4) },
  };

  test.each([
    ["gpt-5", 1],
    ["gpt-5-mini", 3],
    ["gpt-4", 2],
    ["gpt-", 2],
    // Only a key that ends in `-` stands for more than itself.
    ["o3", undefined],
    ["toString", undefined],
  ])("[trace/ledger] [trace/VW-10] %s", (model, input) => {
    expect(priceOf(list, model)?.input).toBe(input);
  });
});

describe("a price list from a file", () => {
  const model = { input: 1, output: 2 };
  const list = { currency: "USD", per: MILLION, models: { "gpt-5": model } };

  test("keeps what it says", () => {
    expect(readPriceList({ ...list, as_of: "2026-11-01", ignored: true })).toEqual({
      ...list,
      as_of: "2026-11-01",
    });
  });

  test.each([
    [[], "a price list is a JSON object"],
    [{ ...list, currency: 1 }, "`currency`"],
    [{ ...list, per: 0 }, "`per`"],
    [{ ...list, per: 0.5 }, "`per`"],
    [{ ...list, as_of: 1 }, "`as_of`"],
    [{ ...list, models: [] }, "`models`"],
    [{ ...list, models: { "gpt-5": 1 } }, "`models.gpt-5`"],
    [{ ...list, models: { "gpt-5": { input: 1 } } }, "`models.gpt-5` needs"],
    [{ ...list, models: { "gpt-5": { ...model, input: -1 } } }, "`models.gpt-5.input`"],
    [{ ...list, models: { "gpt-5": { ...model, tiers: { flex: "x" } } } }, "tiers.flex`"],
    [{ ...list, models: { "gpt-5": { ...model, tiers: 1 } } }, "`models.gpt-5.tiers`"],
  ])("names what is wrong with %j", (value, text) => {
    expect(() => readPriceList(value)).toThrow(PriceListError);
    expect(() => readPriceList(value)).toThrow(text);
  });
});
