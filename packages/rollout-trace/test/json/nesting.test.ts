import { expect, test } from "vitest";
import { isDeeper } from "../../src/json/nesting.ts";

test.each<[string, number, boolean]>([
  ["[[[]]]", 3, false],
  ["[[[]]]", 2, true],
  ['{"a":{"b":[1]}}', 2, true],
  ['{"a":1,"b":[{}],"c":[{}]}', 3, false],
  // Brackets in strings are none, also behind escaped quotes and backslashes.
  ['["[[[[","\\"[[[[","\\\\",[]]', 2, false],
  ['["\\\\",[[]]]', 2, true],
  ['["[[[[', 1, false],
  ["", 0, false],
])("%s is deeper than %i: %s", (text, levels, expected) => {
  expect(isDeeper(text, levels)).toBe(expected);
});
