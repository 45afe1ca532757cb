import { memoryBundle, openBundle, readContents } from "@codex-ts/rollout-trace";
import type { TraceContents } from "@codex-ts/rollout-trace";
import {
  alignLists,
  compareRequests,
  compareRuns,
  inputOf,
  textDifference,
} from "@codex-ts/rollout-trace/requests";
import { isLongForm, seededRandom } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { BundleBuilder } from "../reducer/support/bundle-builder.ts";
import { hasCorpus, recordedBundles } from "../support/corpus.ts";

const numbersOf = (texts: readonly string[]) => new Map(texts.map((text, id) => [text, id]));

test("members beside the prompt are named with their values, in their order", () => {
  const texts = ['"m"', '{"effort":"low"}', '{"effort":"high"}', "true", '"a"'];
  const before = {
    members: [
      ["model", 0],
      ["reasoning", 1],
      ["store", 3],
    ],
    input: [],
  } as const;
  const after = {
    members: [
      ["model", 0],
      ["reasoning", 2],
      ["tier", 4],
    ],
    input: [],
  } as const;
  const found = compareRequests(before, after, (id) => texts[id] ?? "");
  expect(found).toMatchObject({ first: undefined, otherMembers: ["reasoning", "store", "tier"] });
  expect(
    found.otherDifferences.map(({ pointer, before: old, after: now }) => [
      pointer,
      old.text,
      now.text,
    ]),
  ).toEqual([
    ["/reasoning/effort", "low", "high"],
    ["/store", "true", undefined],
    ["/tier", undefined, "a"],
  ]);
});

test("[trace/RQ-1] [trace/VW-11] finds one changed character of a request: pointer and byte offset are exact", () => {
  const random = seededRandom(22);
  const pick = (count: number): number => Math.floor(random() * count);
  const words = ["größe ", "a/b~c ", "line\n", '"quoted" ', "✓ ", "plain "];
  const text = (): string =>
    Array.from({ length: 3 + pick(30) }, () => words[pick(words.length)]).join("");
  for (let round = 0; round < 1000; round += 1) {
    const parts = {
      instructions: [text()],
      tools: Array.from({ length: 1 + pick(6) }, text),
      input: Array.from({ length: 1 + pick(8) }, text),
    };
    const place = (["instructions", "tools", "input"] as const)[pick(3)] ?? "input";
    const index = pick(parts[place].length);
    const characters = Array.from(parts[place][index] ?? "");
    const at = pick(characters.length);
    const changed = structuredClone(parts);
    changed[place][index] = characters.with(at, "§").join("");
    // Another order of keys is no difference.
    const isReversed = place === "tools" && random() < 0.5;
    const sides = [parts, changed].map(({ instructions, tools, input }, side) => ({
      instructions: JSON.stringify(instructions[0]),
      tools: JSON.stringify(
        tools.map((description) =>
          isReversed && side === 1
            ? { "d/e~": description, "a/b": 1 }
            : { "a/b": 1, "d/e~": description },
        ),
      ),
      input: input.map((each) => JSON.stringify({ type: "message", role: "user", content: each })),
    }));
    const texts = [
      ...new Set(
        sides.flatMap(({ instructions, tools, input }) => [instructions, tools, ...input]),
      ),
    ];
    const numbers = numbersOf(texts);
    const [before, after] = sides.map(({ instructions, tools, input }) => ({
      members: [
        ["instructions", numbers.get(instructions) ?? -1],
        ["tools", numbers.get(tools) ?? -1],
      ] as const,
      input: input.map((each) => numbers.get(each) ?? -1),
    }));
    if (before === undefined || after === undefined) throw new Error("unreachable");
    const { first } = compareRequests(before, after, (id) => texts[id] ?? "");
    const pointer = {
      instructions: "/instructions",
      tools: `/tools/${index}/d~1e~0`,
      input: `/input/${index}/content`,
    }[place];
    expect([first?.part, first?.difference.pointer, first?.difference.byteOffset]).toEqual([
      place,
      pointer,
      Buffer.byteLength(characters.slice(0, at).join("")),
    ]);
    expect(compareRequests(before, before, (id) => texts[id] ?? "").isExtension).toBe(true);
  }
});

test.each<readonly [string, string | undefined, string | undefined, unknown]>([
  ["order of keys", '{"a":1,"b":2}', '{"b":2,"a":1}', undefined],
  [
    "two members, the first by name",
    '{"b":1,"a":1}',
    '{"b":2,"a":2}',
    { pointer: "/a", byteOffset: 0 },
  ],
  ["numbers as written", '{"a":1.0}', '{"a":1}', { pointer: "/a", byteOffset: 1 }],
  ["a text for a number", '{"a":"1"}', '{"a":1}', { pointer: "/a", byteOffset: 0 }],
  ["a member that is new", '{"a":1}', '{"a":1,"b/c":2}', { pointer: "/b~1c", byteOffset: 0 }],
  ["one element less", "[1,2]", "[1]", { pointer: "/1", byteOffset: 0 }],
  ["no JSON", "nonsense", "nonsenso", { pointer: "", byteOffset: 7 }],
  ["nothing on one side", undefined, "1", { pointer: "", byteOffset: 0 }],
])("[trace/RQ-1] %s", (_, before, after, expected) => {
  const difference = textDifference(before, after);
  expect(difference && { pointer: difference.pointer, byteOffset: difference.byteOffset }).toEqual(
    expected,
  );
});

test("[trace/RQ-1] excerpts are one line on which the difference stands at its column", () => {
  const difference = textDifference(
    JSON.stringify(`${"x".repeat(90)}\n\u202Eold`),
    JSON.stringify(`${"x".repeat(90)}\n\u202Enew`),
  );
  const { text = "", column = 0 } = difference?.before ?? {};
  expect(text).toMatch(/^x+\\n\\u202eold$/);
  expect(text.slice(column)).toBe("old");
  expect(text.length).toBeLessThanOrEqual(60);
});

test("[trace/RQ-1] lists are aligned by what they have in common", () => {
  const kinds = (before: string, after: string): string =>
    alignLists(
      Array.from(before),
      Array.from(after),
      (left, right) => left.toLowerCase() === right.toLowerCase(),
    )
      .map(({ kind, count }) => `${kind} ${count}`)
      .join(", ");
  expect(kinds("abc", "abcd")).toBe("same 3, added 1");
  expect(kinds("abcd", "bd")).toBe("removed 1, same 1, removed 1, same 1");
  expect(kinds("abc", "aBc")).toBe("same 1, changed 1, same 1");
  expect(kinds("abc", "axc")).toBe("same 1, removed 1, added 1, same 1");
  expect(kinds("", "ab")).toBe("added 2");
});

const item = (text: string, more: object = {}) => ({
  type: "message",
  role: "user",
  content: text,
  ...more,
});

function contentsOf(
  schema: 1 | 2,
  lists: readonly (readonly object[])[],
  members: object = {},
): Promise<TraceContents> {
  const bundle = new BundleBuilder(schema);
  bundle.event(
    "rollout_started",
    { trace_id: "t", root_thread_id: "x" },
    { thread: null, turn: null },
  );
  bundle.thread("01a1fa2c-0000-7000-8000-000000000001", "/root").turn("turn-1");
  for (const [index, input] of lists.entries())
    bundle.request(`call-${index}`, input, { ...members }).response(`call-${index}`, []);
  return readContents(memoryBundle(bundle.files()));
}

test("[trace/RQ-3] contents have each different text once, and every request as it was sent", async () => {
  const lists = [[item("a")], [item("a"), item("b")], [item("c")], [item("c"), item("b")]];
  const { requests, texts } = await contentsOf(1, lists, {
    instructions: "x",
    metadata: { b: 1, a: [2.5] },
  });
  expect(new Set(texts).size).toBe(texts.length);
  for (const [index, list] of lists.entries()) {
    expect(inputOf(requests, index).map((id) => JSON.parse(texts[id] ?? "") as unknown)).toEqual(
      list,
    );
    expect(requests[index]?.members.map(([name, id]) => [name, texts[id]])).toEqual([
      ["model", '"m"'],
      ["instructions", '"x"'],
      ["metadata", '{"b":1,"a":[2.5]}'],
    ]);
  }
});

const BUNDLES = ["0.140.0", "0.169.0"].flatMap((version) => recordedBundles(version));

test.skipIf(!hasCorpus)(
  "[trace/RQ-3] of recorded runs every request has as many elements as items, and all items their text",
  async () => {
    for (const [index, { folder }] of BUNDLES.entries()) {
      if (!isLongForm && index % 8 !== 0) continue;
      const { state, requests, itemTexts } = await readContents(openBundle(folder));
      for (const [number, { inferenceCallId }] of requests.entries()) {
        const items = state.inference_calls[inferenceCallId]?.request_item_ids ?? [];
        expect([folder, inputOf(requests, number).length]).toEqual([folder, items.length]);
        expect(items.filter((id) => !itemTexts.has(id))).toEqual([]);
      }
    }
  },
);

test("[trace/RQ-4] two runs are equal but for ids and times; what differs is named", async () => {
  const head = (chunk: string, rest: string) => ({
    type: "function_call_output",
    call_id: "c",
    output: `Chunk ID: ${chunk}\nWall time: 0.${chunk} seconds\n${rest}`,
  });
  const before = await contentsOf(1, [
    [item("a", { id: "1" })],
    [item("a", { id: "1" }), head("12", "same")],
  ]);
  const again = await contentsOf(1, [
    [item("a", { id: "2" })],
    [item("a", { id: "2" }), head("34", "same")],
  ]);
  expect(compareRuns(before, again).isEqual).toBe(true);
  const other = await contentsOf(1, [
    [item("a")],
    [item("a"), head("34", "sane")],
    [item("a"), item("more")],
  ]);
  const { pairs, isEqual } = compareRuns(before, other);
  expect(isEqual).toBe(false);
  expect(pairs.map((pair) => [pair.before, pair.after, pair.isEqual])).toEqual([
    [1, 1, true],
    [2, 2, false],
    [undefined, 3, false],
  ]);
  expect(pairs[1]?.comparison?.first?.difference.pointer).toBe("/input/1/output");
});
