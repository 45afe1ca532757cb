import { memoryBundle, openBundle, readContents } from "@codex-ts/rollout-trace";
import { judgeCaching, verdictText } from "@codex-ts/rollout-trace/requests";
import type { CacheVerdict } from "@codex-ts/rollout-trace/requests";
import { isLongForm, seededRandom } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { BundleBuilder } from "../reducer/support/bundle-builder.ts";
import { hasCorpus, recordedBundles } from "../support/corpus.ts";

const says = (text: string, more: object = {}) => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
  ...more,
});
const [ONE, TWO, THREE] = [says("one"), says("two"), says("three")];
const TOOLS = [
  { type: "function", name: "a", description: "does a" },
  { type: "function", name: "b", description: "does b" },
];
const MEMBERS = { instructions: "Be short.", tools: TOOLS, prompt_cache_key: "key" };

interface Sent {
  readonly input: readonly object[];
  readonly members?: { readonly [name: string]: unknown };
  readonly tokens?: readonly [input: number, cached: number] | undefined;
  readonly at?: number;
}

function begunBundle(): BundleBuilder {
  const bundle = new BundleBuilder(1);
  bundle.event(
    "rollout_started",
    { trace_id: "t", root_thread_id: "x" },
    { thread: null, turn: null },
  );
  bundle.thread("01a1fa2c-0000-7000-8000-000000000001", "/root").turn("turn-1");
  return bundle;
}

/** The verdict about the second of two requests. */
async function verdictOf(
  first: Sent,
  second: Sent,
  between?: (bundle: BundleBuilder) => void,
): Promise<CacheVerdict> {
  const bundle = begunBundle();
  for (const [index, { input, members = MEMBERS, tokens, at }] of [first, second].entries()) {
    if (index === 1) between?.(bundle);
    const place = at === undefined ? {} : { at };
    bundle.request(`call-${index}`, input, { ...members }, place);
    const usage = tokens && {
      input_tokens: tokens[0],
      cached_input_tokens: tokens[1],
      output_tokens: 1,
      reasoning_output_tokens: 0,
      total_tokens: tokens[0] + 1,
    };
    bundle.response(`call-${index}`, [], { usage }, place);
  }
  const [, verdict] = judgeCaching(await readContents(memoryBundle(bundle.files())));
  if (verdict === undefined) throw new Error("no second request");
  return verdict;
}

const BIG = [41_300, 0] as const;
/** On a busy machine what takes a second takes many. */
const PATIENCE_MS = 60_000;

test.each<readonly [string, Sent, Sent, string, boolean]>([
  [
    "all of it cached",
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], tokens: [41_400, 41_216] },
    "as_expected",
    false,
  ],
  [
    "a block and 5 % less",
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], tokens: [41_400, 39_100] },
    "as_expected",
    false,
  ],
  [
    "a little less than that",
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], tokens: [41_400, 39_000] },
    "extended",
    false,
  ],
  [
    "more than half",
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], tokens: [41_400, 20_700] },
    "extended",
    false,
  ],
  [
    "less than half",
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], tokens: [41_400, 20_500] },
    "expired_or_evicted",
    true,
  ],
  ["no counters", { input: [ONE] }, { input: [ONE, TWO], tokens: [41_400, 0] }, "extended", false],
  [
    "next to nothing",
    { input: [ONE], tokens: BIG, at: 10_000 },
    { input: [ONE, TWO], tokens: [41_400, 1024], at: 640_000 },
    "expired_or_evicted",
    true,
  ],
  [
    "a short prompt",
    { input: [ONE], tokens: [900, 0] },
    { input: [ONE, TWO], tokens: [950, 0] },
    "too_short",
    false,
  ],
  [
    "another tool text",
    { input: [ONE], tokens: BIG },
    {
      input: [ONE, TWO],
      members: { ...MEMBERS, tools: [TOOLS[0], { ...TOOLS[1], description: "does B" }] },
      tokens: [41_400, 0],
    },
    "tools_changed",
    true,
  ],
  [
    "other instructions",
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], members: { ...MEMBERS, instructions: "Be long." }, tokens: [41_400, 0] },
    "instructions_changed",
    true,
  ],
  [
    "another model",
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], members: { ...MEMBERS, model: "m2" }, tokens: [41_400, 0] },
    "model_changed",
    true,
  ],
  [
    "another cache key",
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], members: { ...MEMBERS, prompt_cache_key: "other" }, tokens: [41_400, 0] },
    "key_changed",
    true,
  ],
  [
    "another service tier",
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], members: { ...MEMBERS, service_tier: "flex" }, tokens: [41_400, 0] },
    "key_changed",
    true,
  ],
  [
    "an item dropped",
    { input: [ONE, TWO, THREE], tokens: BIG },
    { input: [ONE, THREE], tokens: [41_400, 0] },
    "history_rewritten",
    true,
  ],
  [
    "a change that cost nothing",
    { input: [ONE, TWO], tokens: BIG },
    { input: [ONE, THREE], tokens: [41_400, 41_216] },
    "history_rewritten",
    false,
  ],
])("[trace/RQ-2] [trace/VW-12] %s", async (_, first, second, kind, isMiss) => {
  const verdict = await verdictOf(first, second);
  expect([verdict.kind, verdict.isMiss]).toEqual([kind, isMiss]);
});

test("[trace/RQ-2] says where and why, on one line", async () => {
  const tools = [TOOLS[0], { ...TOOLS[1], description: "does B" }];
  const changed = await verdictOf(
    { input: [ONE], tokens: BIG },
    { input: [ONE, TWO], members: { ...MEMBERS, tools }, tokens: [41_400, 0] },
  );
  expect(verdictText(changed)).toBe(
    "cached 0 of 41,400 (expected about 41,216): tools_changed: /tools/1/description differs at byte 5, a tool list that changes between requests",
  );
  const late = await verdictOf(
    { input: [ONE], tokens: BIG, at: 10_000 },
    { input: [ONE, TWO], tokens: [41_400, 0], at: 640_000 },
  );
  expect(late.reason).toMatch(/^630 seconds after the request before/);
});

test("of a history that was taken back a cache can have no more than is left of it", async () => {
  const verdict = await verdictOf(
    { input: [ONE, TWO, THREE], tokens: [20_000, 0] },
    { input: [ONE], tokens: [10_000, 9856] },
  );
  expect(verdict).toMatchObject({ kind: "history_rewritten", expectedTokens: 9984, isMiss: false });
});

test.each<readonly [string, readonly object[], readonly object[], RegExp]>([
  [
    "taken back",
    [ONE, TWO, THREE],
    [ONE],
    /\/input\/1 is gone, the history was taken back by 2 items/,
  ],
  ["went on otherwise", [ONE, TWO], [ONE, THREE], /taken back to item 1 and went on otherwise/],
  [
    "new ids",
    [says("one", { id: "a" }), TWO],
    [says("one", { id: "b" }), TWO],
    /\/input\/0\/id differs at byte 0, its id was made anew/,
  ],
  [
    "an output cut",
    [{ type: "function_call_output", call_id: "c", output: "long text" }, TWO],
    [{ type: "function_call_output", call_id: "c", output: "long" }, TWO],
    /\/input\/0\/output differs at byte 4, a tool output was cut/,
  ],
])("[trace/RQ-2] a history %s is told apart", async (_, before, after, reason) => {
  const verdict = await verdictOf(
    { input: before, tokens: BIG },
    { input: after, tokens: [41_400, 0] },
  );
  expect(verdict.kind).toBe("history_rewritten");
  expect(verdict.reason).toMatch(reason);
});

test("[trace/VW-12] the first request of a thread is cold, whatever it used", async () => {
  const bundle = begunBundle();
  bundle.request("call-0", [ONE], { ...MEMBERS }).response("call-0", []);
  const [first] = judgeCaching(await readContents(memoryBundle(bundle.files())));
  expect([first?.kind, first?.isMiss, first?.previous]).toEqual(["cold", false, undefined]);
});

test(
  "[trace/VW-12] in a row of random requests none is an extension in which one character is another one",
  async () => {
    const random = seededRandom(12);
    const pick = (count: number): number => Math.floor(random() * count);
    const changed = (text: string): string => {
      const at = pick(text.length);
      return `${text.slice(0, at)}${text[at] === "§" ? "¤" : "§"}${text.slice(at + 1)}`;
    };
    let prompt = {
      model: "model-a",
      instructions: "Be short.",
      tools: ["does a", "does b", "does c"],
      input: ["one", "two"],
    };
    const bundle = begunBundle();
    const expected: string[] = [];
    for (let number = 0; number < 80; number += 1) {
      const next = structuredClone(prompt);
      const part = number === 0 ? 4 : pick(8);
      const kind = ["model_changed", "instructions_changed", "tools_changed", "history_rewritten"][
        part
      ];
      if (part === 0) next.model = changed(next.model);
      if (part === 1) next.instructions = changed(next.instructions);
      const list = part === 2 ? next.tools : next.input;
      const place = pick(list.length);
      if (part === 2 || part === 3) list[place] = changed(list[place] ?? "");
      if (number > 0) next.input.push(`item ${number}`);
      expected.push(number === 0 ? "cold" : (kind ?? "extended"));
      prompt = next;
      const { input, tools, ...members } = next;
      const items = input.map((text) => says(text));
      const toolList = tools.map((description, index) => ({
        type: "function",
        name: `t${index}`,
        description,
      }));
      bundle.request(`call-${number}`, items, { ...members, tools: toolList });
      bundle.response(`call-${number}`, []);
    }
    const verdicts = judgeCaching(await readContents(memoryBundle(bundle.files())));
    expect(verdicts.map(({ kind }) => kind)).toEqual(expected);
    expect(new Set(expected).size).toBe(6);
  },
  PATIENCE_MS,
);

/** In the suite those in which something is rewritten, and a few others. */
const isChosen = ({ folder }: { readonly folder: string }): boolean =>
  isLongForm || /compact|rollback|multi-turn|chatgpt-auth-ws/.test(folder);

test.skipIf(!hasCorpus)(
  "[trace/RQ-2] recorded runs never changed tools, model or instructions",
  async () => {
    const kinds = new Map<string, number>();
    for (const version of ["0.140.0", "0.169.0"])
      for (const { folder } of recordedBundles(version).filter(isChosen))
        for (const { kind } of judgeCaching(await readContents(openBundle(folder))))
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const kind of [
      "tools_changed",
      "model_changed",
      "instructions_changed",
      "expired_or_evicted",
    ])
      expect([kind, kinds.get(kind)]).toEqual([kind, undefined]);
    // Compactions and a rollback.
    expect(kinds.get("history_rewritten")).toBe(8);
  },
  PATIENCE_MS,
);
