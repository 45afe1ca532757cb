import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TokenUsage, TokenUsageInfo } from "@codex-ts/protocol";
import {
  addTokenUsage,
  appendTokenUsage,
  blendedTotalTokens,
  contextWindowPercentLeft,
  EMPTY_TOKEN_USAGE,
  fillContextWindow,
  nonCachedInputTokens,
  readResponseUsage,
  readTokenUsage,
  readTokenUsageInfo,
} from "@codex-ts/protocol";

const usage = (members: Partial<TokenUsage>): TokenUsage => ({ ...EMPTY_TOKEN_USAGE, ...members });

const counts = { input_tokens: 1, output_tokens: 1, total_tokens: 1 };

describe("usage of a completed response", () => {
  test("takes the counts and their details", () => {
    const received = {
      input_tokens: 120,
      input_tokens_details: { cached_tokens: 20, extra: 1 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 10 },
      total_tokens: 150,
      future: true,
    };
    expect(JSON.stringify(readResponseUsage(received))).toBe(
      '{"input_tokens":120,"cached_input_tokens":20,"output_tokens":30,"reasoning_output_tokens":10,"total_tokens":150}',
    );
  });

  test("takes cache writes where a server reports them", () => {
    const received = {
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 2, cache_write_tokens: 3 },
      output_tokens: 4,
      total_tokens: 5,
    };
    expect(Object.entries(readResponseUsage(received) ?? {})).toEqual([
      ["input_tokens", 1],
      ["cached_input_tokens", 2],
      ["cache_write_input_tokens", 3],
      ["output_tokens", 4],
      ["reasoning_output_tokens", 0],
      ["total_tokens", 5],
    ]);
  });

  test.each([undefined, null, {}])("details that are %j count as none", (details) => {
    const received = {
      input_tokens: 1,
      input_tokens_details: details,
      output_tokens: 2,
      output_tokens_details: details,
      total_tokens: 3,
    };
    expect(readResponseUsage(received)).toEqual(
      usage({ input_tokens: 1, output_tokens: 2, total_tokens: 3 }),
    );
  });

  test.each([
    null,
    7,
    [],
    {},
    { input_tokens: null, output_tokens: null, total_tokens: null },
    { input_tokens: "1", output_tokens: [], total_tokens: 1.5 },
  ])("is unknown: %j", (value) => {
    expect(readResponseUsage(value)).toBeUndefined();
  });

  test.each<[object, Partial<TokenUsage>]>([
    [{ input_tokens: 1, total_tokens: 3 }, { output_tokens: 2 }],
    [{ output_tokens: 2, total_tokens: 3 }, { input_tokens: 1 }],
    [{ input_tokens: 1, output_tokens: 2 }, { total_tokens: 3 }],
    [{ input_tokens: 4, total_tokens: 3 }, { output_tokens: 0 }],
    [{ input_tokens: 9, output_tokens: null, total_tokens: null }, { total_tokens: 9 }],
    [{ input_tokens: 1.5, output_tokens: 1, total_tokens: 1 }, { input_tokens: 0 }],
    [{ ...counts, input_tokens_details: 7 }, { cached_input_tokens: 0 }],
    [{ ...counts, input_tokens_details: { cached_tokens: "2" } }, { cached_input_tokens: 0 }],
    [{ ...counts, output_tokens_details: { reasoning_tokens: 1.5 } }, counts],
  ])("counts what is known: %j", (value, known) => {
    const read = readResponseUsage(value);
    expect(read).toMatchObject(known);
    for (const count of Object.values(read ?? {})) expect(Number.isSafeInteger(count)).toBe(true);
  });
});

describe("stored usage", () => {
  test("reads what it wrote and needs every member but cache writes", () => {
    const stored = usage({ input_tokens: 5, total_tokens: 5 });
    expect(readTokenUsage(stored)).toBe(stored);
    const { total_tokens: _total, ...partial } = stored;
    expect(readTokenUsage(partial)).toBeUndefined();
    const info: TokenUsageInfo = {
      total_token_usage: stored,
      last_token_usage: stored,
      model_context_window: null,
    };
    expect(readTokenUsageInfo(info)).toBe(info);
    expect(readTokenUsageInfo({ total_token_usage: stored, last_token_usage: stored })).toEqual(
      info,
    );
    expect(readTokenUsageInfo({ total_token_usage: stored })).toBeUndefined();
  });
});

describe("arithmetic", () => {
  test.each([
    [{ input_tokens: 10, cached_input_tokens: 4, output_tokens: 3 }, 6, 9],
    [{ input_tokens: 4, cached_input_tokens: 10, output_tokens: 3 }, 0, 3],
    [{ input_tokens: 10, cached_input_tokens: -4, output_tokens: -3 }, 10, 10],
  ])(
    "[protocol/P24] input that was not cached, and the total, of %j",
    (members, nonCached, blended) => {
      expect(nonCachedInputTokens(usage(members))).toBe(nonCached);
      expect(blendedTotalTokens(usage(members))).toBe(blended);
    },
  );

  test.each([
    [0, 0, 0],
    [12_000, 0, 0],
    [12_001, 0, 100],
    [12_001, 12_001, 0],
    [112_000, 0, 100],
    [112_000, 12_000, 100],
    [112_000, 12_499, 100],
    [112_000, 12_501, 99],
    [112_000, 62_000, 50],
    [112_000, 112_000, 0],
    [112_000, 500_000, 0],
    [258_400, 150, 100],
  ])(
    "[protocol/P24] of a window of %d tokens with %d used, %d %% are left",
    (window, total, left) => {
      expect(contextWindowPercentLeft(usage({ total_tokens: total }), window)).toBe(left);
    },
  );

  test("percentages stay within 0 and 100", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (total, window) => {
        const left = contextWindowPercentLeft(usage({ total_tokens: total }), window);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(left).toBeLessThanOrEqual(100);
        expect(Number.isInteger(left)).toBe(true);
      }),
    );
  });

  test("adds member by member; cache writes appear when one side has them", () => {
    const one = usage({
      input_tokens: 1,
      cached_input_tokens: 2,
      output_tokens: 3,
      reasoning_output_tokens: 4,
      total_tokens: 5,
    });
    expect(addTokenUsage(one, one)).toEqual({
      input_tokens: 2,
      cached_input_tokens: 4,
      output_tokens: 6,
      reasoning_output_tokens: 8,
      total_tokens: 10,
    });
    expect(
      addTokenUsage(one, { ...one, cache_write_input_tokens: 7 }).cache_write_input_tokens,
    ).toBe(7);
  });
});

describe("usage of a thread", () => {
  const first = usage({ input_tokens: 10, total_tokens: 12 });
  const second = usage({ input_tokens: 20, total_tokens: 25 });

  test("[protocol/P25] adds each response and keeps the last one", () => {
    const one = appendTokenUsage({ info: null, last: first, windowTokens: 1000 });
    expect(one).toEqual({
      total_token_usage: first,
      last_token_usage: first,
      model_context_window: 1000,
    });
    const two = appendTokenUsage({ info: one, last: second, windowTokens: null });
    expect(two).toEqual({
      total_token_usage: addTokenUsage(first, second),
      last_token_usage: second,
      model_context_window: 1000,
    });
    expect(appendTokenUsage({ info: two, last: null, windowTokens: 2000 })).toEqual({
      ...two,
      model_context_window: 2000,
    });
  });

  test("[protocol/P25] stays unset while nothing was reported", () => {
    expect(appendTokenUsage({ info: null, last: null, windowTokens: 1000 })).toBeNull();
  });

  test("[protocol/P25] a full window replaces the total and counts the rest as last", () => {
    const info = appendTokenUsage({ info: null, last: first, windowTokens: 1000 });
    expect(fillContextWindow(info, 1000)).toEqual({
      total_token_usage: usage({ total_tokens: 1000 }),
      last_token_usage: usage({ total_tokens: 988 }),
      model_context_window: 1000,
    });
    expect(fillContextWindow(info, 5).last_token_usage.total_tokens).toBe(0);
    expect(fillContextWindow(null, 5).last_token_usage.total_tokens).toBe(5);
  });
});
