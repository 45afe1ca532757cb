import { expect, test } from "vitest";
import { nearestWords } from "../src/nearest.ts";

const COMMANDS = ["exec", "trace", "debug", "demo"];

test.each([
  ["exce", ["exec"]],
  ["tr", ["trace"]],
  ["traec", ["trace"]],
  ["de", ["debug", "demo"]],
  ["demmo", ["demo"]],
  ["zzzzzz", []],
  ["x", []],
])("%s looks like %j", (word, nearest) => {
  expect(nearestWords(word, COMMANDS)).toEqual(nearest);
});
