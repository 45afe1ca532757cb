import { array, assert, constantFrom, property, record, string } from "fast-check";
import { expect, test } from "vitest";
import { scanElements } from "../../src/json/scan.ts";

/** Texts around the length at which the search changes its way, with many quotes and backslashes. */
const text = string({
  unit: constantFrom("\\", '"', "a", "größe", "{", "]", "\n"),
  minLength: 80,
  maxLength: 200,
});

test("elements end where they end, whatever their strings hold", () => {
  assert(
    property(array(record({ [`k"\\`]: text, b: text }), { maxLength: 3 }), (elements) => {
      const texts = elements.map((element) => JSON.stringify(element));
      const bytes = new TextEncoder().encode(`${texts.join(" ,\n")} ]}`);
      const lengths = texts.map((each) => new TextEncoder().encode(each).length);
      const ends: number[] = [];
      const listEnd = scanElements(bytes, 0, true, ends);
      expect(listEnd).toBe(bytes.length - 2);
      expect(ends).toStrictEqual(
        lengths.map((length, index) =>
          lengths.slice(0, index).reduce((sum, each) => sum + each + " ,\n".length, length),
        ),
      );
    }),
  );
});

test.each([1, 254, 255, 256, 257, 5000])(
  "a string of %i bytes that does not end is not followed",
  (length) => {
    const bytes = new TextEncoder().encode(`{"a":"${"x".repeat(length)}\\"}]}`);
    expect(scanElements(bytes, 0, true, [])).toBe(-1);
  },
);
