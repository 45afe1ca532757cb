import { assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { compatibilityProfile } from "../../src/compatibility/compatibility-profile.ts";
import { fittedSize } from "../../src/images/fitted-size.ts";

const { high, original } = compatibilityProfile("0.171").images;

/** What 0.171 made of images of these sizes. */
const HIGH = [
  ["2000x2000", "1600x1600"],
  ["2048x1500", "1835x1344"],
  ["1700x1600", "1632x1536"],
  ["2048x1280", "1996x1248"],
  ["1999x1400", "1873x1311"],
  ["2048x1249", "2046x1248"],
  ["2048x1248", "2048x1248"],
  ["1601x1599", "1569x1568"],
  ["1600x1600", "1600x1600"],
  ["1601x1600", "1568x1568"],
  ["5000x4000", "1760x1407"],
  ["1500x2000", "1367x1823"],
  ["2047x1333", "1952x1271"],
  ["1234x2047", "1234x2047"],
  ["3000x2999", "1568x1568"],
  ["10000x7000", "1873x1312"],
  ["3000x1500", "2048x1024"],
  ["800x2400", "683x2048"],
  ["2100x50", "2048x49"],
  ["20000x1", "2048x1"],
] as const;
const ORIGINAL = [
  ["7000x1000", "6000x857"],
  ["4000x4000", "3200x3200"],
  ["3201x3200", "3168x3168"],
  ["6000x1000", "6000x1000"],
  ["6000x1700", "5984x1695"],
  ["6000x6000", "3200x3200"],
  ["5000x2500", "4479x2239"],
  ["1000x7000", "857x6000"],
  ["5777x3333", "4159x2400"],
] as const;
/** 0.140 limits the sides alone. */
const SIDES = [
  ["2048x2048", "2048x2048"],
  ["12000x12000", "2048x2048"],
  ["3000x1500", "2048x1024"],
  ["2500x500", "2048x410"],
] as const;

function size(text: string): { readonly width: number; readonly height: number } {
  const [width, height] = text.split("x").map(Number);
  return { width: width ?? 0, height: height ?? 0 };
}

describe("sizes images are scaled to", () => {
  test.each([
    ["high", high, HIGH],
    ["original", original ?? high, ORIGINAL],
    ["sides alone", compatibilityProfile("0.140").images.high, SIDES],
  ] as const)("[core/image-sizes] are those of recorded runs: %s", (_name, limits, rows) => {
    for (const [from, to] of rows)
      expect([from, fittedSize(size(from), limits)]).toEqual([from, size(to)]);
  });

  test("[core/image-sizes] are within the limits, at least a pixel a side, and fit themselves", () => {
    const side = integer({ min: 1, max: 60_000 });
    assert(
      property(side, side, (width, height) => {
        const fitted = fittedSize({ width, height }, high);
        expect(Math.max(fitted.width, fitted.height)).toBeLessThanOrEqual(high.maxSide);
        expect(Math.min(fitted.width, fitted.height)).toBeGreaterThanOrEqual(1);
        expect(Math.ceil(fitted.width / 32) * Math.ceil(fitted.height / 32)).toBeLessThanOrEqual(
          2500,
        );
        expect(fittedSize(fitted, high)).toEqual(fitted);
      }),
    );
  });
});
