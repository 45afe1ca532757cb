import { expect, test } from "vitest";
import { exceptDecided } from "../../src/compare/decided-facts.ts";

const decided = [{ field: "requests.0.blob.x", ours: "absent", source: "somebody" }];
const other = { field: "requests.1.blob.x", expected: "1", actual: "absent" };

test("[conformance/decided-facts] are no differences where ours does what was decided", () => {
  const fact = { field: "requests.0.blob.x", expected: "1", actual: "absent" };
  expect(exceptDecided([fact, other], decided)).toEqual([other]);
});

test("[conformance/decided-facts] are differences where ours does something else", () => {
  const fact = { field: "requests.0.blob.x", expected: "1", actual: "2" };
  expect(exceptDecided([fact], decided)).toEqual([fact]);
});

test("[conformance/decided-facts] are differences where nothing differs any more", () => {
  expect(exceptDecided([], decided)).toEqual([
    { field: "requests.0.blob.x", expected: "somebody", actual: "no difference" },
  ]);
});
