import { describe, expect, test } from "vitest";
import type { ResponseItem } from "@codex-ts/protocol";
import { readResponseItem, toTraceItem, toWireItem } from "@codex-ts/protocol";
import { hasCorpus, recordedScenarios } from "./support/corpus.ts";

/** Kinds of items that only a model makes: whatever a request holds of them was served before. */
const MADE_BY_MODEL = new Set([
  "reasoning",
  "function_call",
  "custom_tool_call",
  "local_shell_call",
  "tool_search_call",
  "web_search_call",
  "image_generation_call",
  "compaction",
]);

const text = (value: unknown): string => JSON.stringify(value);

function readAll(values: readonly unknown[]): ResponseItem[] {
  return values.flatMap((value) => readResponseItem(value) ?? []);
}

describe.skipIf(!hasCorpus)("items of recorded runs", () => {
  describe.each(["0.132.0", "0.140.0"])("%s", (version) => {
    test.each(recordedScenarios(version).map((scenario) => [scenario.name, scenario] as const))(
      "%s: request items are written back to the same bytes",
      (_name, { inputItems, servedItems }) => {
        const written = inputItems.map((item) =>
          toWireItem(readResponseItem(item) ?? { type: "other", raw: {} }, { itemIds: "omit" }),
        );
        expect(written.map(text)).toEqual(inputItems.map(text));
        const served = new Set(
          readAll(servedItems).map((item) => text(toWireItem(item, { itemIds: "omit" }))),
        );
        const fromModel = readAll(inputItems).filter((item) => MADE_BY_MODEL.has(item.type));
        for (const item of fromModel) {
          expect(served).toContain(text(toWireItem(item, { itemIds: "omit" })));
        }
      },
    );
  });

  test.each([
    ["0.132.0", "omit"],
    ["0.140.0", "omit"],
    ["0.169.0", "keep"],
  ] as const)("%s: trace items are the served items in trace form", (version, itemIds) => {
    let compared = 0;
    for (const { servedItems, payloads } of recordedScenarios(version)) {
      const served = new Set(
        readAll(servedItems).map((item) => text(toTraceItem(item, { itemIds }))),
      );
      for (const traced of payloads.flatMap((payload) => payload["output_items"] ?? [])) {
        if ((traced as ResponseItem).type === "other") continue;
        expect(served).toContain(text(traced));
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(150);
  });

  test("0.169.0: request items that carry an id are written back to the same bytes", () => {
    let compared = 0;
    for (const { inputItems } of recordedScenarios("0.169.0")) {
      for (const item of inputItems) {
        if ("internal_chat_message_metadata_passthrough" in (item as object)) continue;
        const read = readResponseItem(item);
        expect(read && text(toWireItem(read, { itemIds: "keep" }))).toBe(text(item));
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });
});
