import { expect, test } from "vitest";
import type { JsonObject } from "@codex-ts/protocol";
import { modelItemsUpdate } from "../../src/context/model-items.ts";
import { toolHashes } from "../../src/context/tool-hashes.ts";
import { toolsUpdate } from "../../src/context/tools-update.ts";
import { contentItemMetadata } from "../../src/history/content-provenance.ts";

const tool = (name: string, description = ""): JsonObject => ({
  type: "function",
  name,
  description,
});
const group = (name: string, tools: readonly JsonObject[], description = ""): JsonObject => ({
  type: "namespace",
  name,
  description,
  tools,
});
const SEARCH: JsonObject = { type: "tool_search", execution: "client" };

const FUNCTIONS = group("functions", [tool("exec"), tool("view")]);
const KNOWN = [FUNCTIONS, group("one", [tool("add")], "s"), group("two", [tool("x"), tool("y")])];

/** Each item as the names it states, or the kinds and the lines that begin a list or a text of it. */
function update(now: readonly JsonObject[], known: readonly JsonObject[] = KNOWN): unknown[] {
  const items = { tools: now, hashes: toolHashes(now) };
  return toolsUpdate(items, toolHashes(known)).map(({ item, contentKinds }) => {
    if (item.type === "additional_tools") {
      return item.tools.map((each) => {
        const { name, type, tools } = each as {
          name?: string;
          type: string;
          tools?: { name: string }[];
        };
        return tools === undefined ? type : `${name}(${tools.map((one) => one.name).join()})`;
      });
    }
    const texts = item.content.flatMap((part) => ("text" in part ? part.text.split("\n") : []));
    const names = texts.flatMap((line) => /^- (.+)|^The tools of (\S+)/.exec(line)?.slice(1) ?? []);
    return { kinds: contentKinds, names: names.filter((name) => name !== undefined) };
  });
}

const NOTICE = { kinds: ["tools.incremental_update"], names: [] };

// Source: docs/behavior/codex-0.171.md 4, observed with the same changes.
test("[core/lite-update] tools that are new or other ones are stated again, in the groups they are of", () => {
  expect(update(KNOWN)).toEqual([]);
  const servers = [group("two", [tool("x"), tool("y", "Changed.")]), group("three", [tool("x")])];
  expect(update([FUNCTIONS, ...KNOWN.slice(1, 2), ...servers])).toEqual([
    NOTICE,
    ["two(y)", "three(x)"],
  ]);
  // Nothing of a group: nothing to add to.
  expect(update([...KNOWN, SEARCH])).toEqual([["tool_search"]]);
  expect(update([...KNOWN, SEARCH], [...KNOWN, SEARCH])).toEqual([]);
});

test("[core/lite-update] a new description alone is said in words that belong to the group", () => {
  const [functions, , two] = KNOWN as [JsonObject, JsonObject, JsonObject];
  const now = [functions, group("one", [tool("add")], "t"), { ...two, description: "u" }];
  const kind = "generic.developer_instructions";
  const kinds = ["one", "two"].map((namespace) => ({ kind, namespace }));
  expect(update(now)).toEqual([{ kinds, names: ["one", "two"] }]);
  expect(contentItemMetadata(kinds)).toEqual(
    ["one", "two"].map((namespace) => ({ provenance: { type: "tool", namespace } })),
  );
  // With a new tool the description comes along.
  const more = group("one", [tool("add"), tool("more")], "t");
  expect(update([functions, more, two])).toEqual([NOTICE, ["one(more)"]]);
});

test("[core/lite-update] another model with the same text is named, one with another text brings it", () => {
  const known = { model: "m", tools: toolHashes(KNOWN), instructions: "Be kind." };
  const texts = (now: object): unknown[] =>
    modelItemsUpdate(
      { model: "m", tools: KNOWN, hashes: known.tools, instructions: "Be kind.", ...now },
      known,
    ).map(({ item }) => ("content" in item ? item.content[0] : item));
  const text = (pattern: RegExp): object => ({
    type: "input_text",
    text: expect.stringMatching(pattern),
  });
  expect(texts({})).toEqual([]);
  expect(texts({ model: "n" })).toEqual([
    text(/^<model_instructions>\n[^\n]* n [^\n]*\n<\/model_instructions>$/),
  ]);
  expect(texts({ instructions: "Be brief." })).toEqual([
    text(/^<model_instructions>\n[^\n]* m [^\n]*\n\nBe brief\.\n<\/model_instructions>$/),
  ]);
});

test("[core/lite-update] groups that are gone are named, and tools of those that are left", () => {
  expect(update([group("functions", [tool("exec")]), group("two", [tool("x")])])).toEqual([
    { kinds: ["tools.removed_definition"], names: ["one", "functions.view", "two.y"] },
  ]);
  expect(update(KNOWN, [...KNOWN, SEARCH])).toEqual([
    { kinds: ["tools.removed_definition"], names: ["tool_search"] },
  ]);
});
