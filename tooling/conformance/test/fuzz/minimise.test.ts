import { expect, test } from "vitest";
import { minimise } from "../../src/fuzz/minimise.ts";
import type { BundleText } from "../../src/fuzz/read-own.ts";

const BUNDLE: BundleText = {
  "manifest.json": "{}",
  "trace.jsonl": Array.from(
    { length: 9 },
    (_, index) => `{"seq":${index + 1},"n":${index}}\n`,
  ).join(""),
  "payloads/1.json": '{"model":"m","input":[1,2,3,4]}',
  "payloads/2.json": "{}",
};

test("a bundle is left with what makes it interesting", async () => {
  const small = await minimise(
    BUNDLE,
    async (files) =>
      ["2", "7"].every((n) => files["trace.jsonl"]?.includes(`"n":${n}`)) &&
      files["payloads/1.json"]?.includes("3") === true,
    1000,
  );
  expect(small).toEqual({
    "manifest.json": "{}",
    "trace.jsonl": '{"seq":3,"n":2}\n{"seq":8,"n":7}',
    "payloads/1.json": '{"input":[3]}',
  });
});

test("lines are numbered anew where gaps would be another matter", async () => {
  const isCounted = (log: string): boolean =>
    log.split("\n").every((line, index) => line === "" || line.includes(`"seq":${index + 1},`));
  const small = await minimise(
    BUNDLE,
    async (files) =>
      isCounted(files["trace.jsonl"] ?? "") && files["trace.jsonl"]?.includes('"n":7') === true,
    1000,
  );
  expect(small["trace.jsonl"]).toBe('{"seq":1,"n":7}');
});

test("the number of tries is bounded", async () => {
  let tries = 0;
  await minimise(
    BUNDLE,
    async () => {
      tries += 1;
      return false;
    },
    5,
  );
  expect(tries).toBe(5);
});
