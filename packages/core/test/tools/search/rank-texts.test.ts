import { expect, test } from "vitest";
import { rankTexts } from "../../../src/tools/search/rank-texts.ts";

test("[core/tool-search] texts are ranked by the words of the query they have, rare words before common ones", () => {
  const texts = ["reads the weather of a city", "switches a lamp", "reads a file", "", "lamp Lamp"];
  expect(rankTexts("weather", texts)).toEqual([0]);
  expect(rankTexts("LAMP", texts)).toEqual([4, 1]);
  expect(rankTexts("reads weather", texts)).toEqual([0, 2]);
  expect(rankTexts("a switches", texts)[0]).toBe(1);
  expect(rankTexts("weathe", texts)).toEqual([]);
  expect(rankTexts("(", texts)).toEqual([]);
  expect(rankTexts("a", [])).toEqual([]);
});
