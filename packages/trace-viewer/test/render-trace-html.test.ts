import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { memoryBundle, openBundle, readContents, reduceBundle } from "@codex-ts/rollout-trace";
import type { BundleSource } from "@codex-ts/rollout-trace";
import { inputOf } from "@codex-ts/rollout-trace/requests";
import type { InputList } from "@codex-ts/rollout-trace/requests";
import { isLongForm } from "@codex-ts/test-support";
import { renderDiffHtml, renderTraceHtml } from "@codex-ts/trace-viewer";
import type { DiffIndex } from "@codex-ts/trace-viewer-page/format";
import { describe, expect, test } from "vitest";
import { bundlePage } from "../src/page/bundle-page.ts";
import { corpusBundles } from "./support/corpus.ts";
import { longSession } from "./support/large.ts";
import { dataOf, renderWhole } from "./support/render.ts";
import { assistantMessage, runBundle, runFiles, userMessage } from "./support/run.ts";
import { sessionOnDemand } from "./support/session-on-demand.ts";

const RUN = [
  { input: [userMessage("one")], output: [assistantMessage("first")] },
  { input: [userMessage("one"), assistantMessage("first"), userMessage("two")], failure: "reset" },
];

const BUNDLES = corpusBundles();
const CHOSEN = BUNDLES.filter((_, index) => isLongForm || index % 12 === 0);

describe("the file", () => {
  test("[trace-viewer/VW-9] the same bundle makes the same bytes, without a path of this machine", async () => {
    const [first, second] = [await renderWhole(runBundle(RUN)), await renderWhole(runBundle(RUN))];
    expect(first.equals(second)).toBe(true);
    const { index, texts } = dataOf(first);
    expect(JSON.stringify(index) + texts.join("")).not.toContain(process.cwd());
    expect(first.toString()).not.toContain(process.cwd());
  });

  test("[trace-viewer/VW-1] the page may load nothing, and no text of a trace can end its element", async () => {
    const page = (
      await renderWhole(runBundle([{ input: [userMessage("</script><b>")] }]))
    ).toString();
    expect(page).toContain(
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'",
    );
    expect(page).not.toContain("</script><b>");
    // Index, one block, and the program: nothing else opens or closes a script.
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page.match(/<\/script/g)).toHaveLength(3);
    expect(page).not.toMatch(/(?:src|href)=["']?https?:/);
  });

  test("[trace-viewer/VW-2] building reads each payload as often as reducing does, and writes each item of a request once", async () => {
    const [reduced, rendered] = [sessionOnDemand(40), sessionOnDemand(40)];
    await reduceBundle(reduced);
    await renderWhole(rendered);
    expect(rendered.payloadBytes).toBe(reduced.payloadBytes);
    const { index } = dataOf(await renderWhole(longSession(40)));
    const written = (lists: readonly (InputList | undefined)[]): number =>
      lists.reduce((sum, list) => sum + (list?.own.length ?? 0), 0);
    // All but the last answer are seen by a request.
    expect(index.items).toHaveLength(80);
    expect(written(index.requests.map(({ seen }) => seen))).toBe(79);
    expect(written(index.requests.map(({ input }) => input))).toBe(79);
  });

  test("[trace-viewer/VW-2] building 1000 requests, a gigabyte of payloads, takes at most 300 MB", async () => {
    const program = fileURLToPath(new URL("support/build-page.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--conditions=@codex-ts/source",
      program,
      "1000",
    ]);
    const { payloadBytes, peakBytes } = JSON.parse(stdout) as Readonly<Record<string, number>>;
    expect(payloadBytes).toBeGreaterThan(1_000_000_000);
    expect(peakBytes).toBeLessThan(300_000_000);
  });

  test("[trace-viewer/VW-14] program and style take 160 KB at most", async () => {
    const { script, style } = await bundlePage();
    expect(Buffer.byteLength(script) + Buffer.byteLength(style)).toBeLessThanOrEqual(160 * 1024);
  });

  test("comes in pieces, and stops when it is told to", async () => {
    const pieces: number[] = [];
    for await (const { length } of renderTraceHtml(runBundle(RUN))) pieces.push(length);
    expect(pieces.length).toBeGreaterThan(3);
    const signal = AbortSignal.abort(new Error("no longer wanted"));
    await expect(renderWhole(runBundle(RUN), { signal })).rejects.toThrow("no longer wanted");
  });

  test("a text over the limit is cut to its ends, with its size and hash", async () => {
    const long = { input: [userMessage(`start ${"x".repeat(300_000)} end`)] };
    const { texts } = dataOf(await renderWhole(runBundle([long]), { maxTextLength: 200_000 }));
    const cut = texts.find((text) => text.includes("cut_text")) ?? "";
    const { bytes, head, tail, sha256 } = JSON.parse(cut) as Record<string, string>;
    expect([Number(bytes) > 300_000, sha256?.length]).toEqual([true, 64]);
    expect(`${head} … ${tail}`).toMatch(/start x+ … x+ end/);
    const whole = dataOf(await renderWhole(runBundle([long])));
    expect(whole.texts.some((text) => text.length > 300_000)).toBe(true);
  });
});

describe("the data", () => {
  const seenOf = async (
    source: BundleSource,
    state: Awaited<ReturnType<typeof reduceBundle>>["state"],
  ) => {
    const { index } = dataOf(await renderWhole(source));
    const lists = index.requests.map(({ seen }) => ({ input: seen }));
    return index.requests.map(({ callId }, number) => ({
      callId,
      shown: inputOf(lists, number).map((item) => index.items[item]?.id),
      wanted: state.inference_calls[callId]?.request_item_ids,
    }));
  };

  test
    .skipIf(CHOSEN.length === 0)
    .each(CHOSEN.map((bundle) => [bundle.split("conformance/")[1], bundle]))(
    "[trace-viewer/VW-5] %s: the items of every request are those of the state",
    async (_, bundle = "") => {
      const { state } = await reduceBundle(openBundle(bundle));
      const requests = await seenOf(openBundle(bundle), state);
      expect(requests).toHaveLength(Object.keys(state.inference_calls).length);
      for (const { shown, wanted } of requests) expect(shown).toEqual(wanted);
    },
  );

  test("[trace-viewer/VW-8] a torn log, missing payloads and an empty bundle make pages that say what is missing", async () => {
    const files = runFiles(RUN);
    const log = files["trace.jsonl"] ?? "";
    const torn = memoryBundle({ ...files, "trace.jsonl": log.slice(0, -40) });
    const { index } = dataOf(await renderWhole(torn));
    expect(index.diagnostics.map(({ code }) => code)).toEqual(["line_torn"]);
    expect(index.trace.status).toBe("running");
    const { "payloads/1.json": _, ...rest } = files;
    const missing = dataOf(await renderWhole(memoryBundle(rest))).index;
    expect(missing.requests[0]?.input).toBeUndefined();
    expect(missing.diagnostics.map(({ code }) => code)).toContain("payload_missing");
    const empty = dataOf(await renderWhole(memoryBundle({ "trace.jsonl": "" }))).index;
    expect(empty.requests).toEqual([]);
    await expect(renderWhole(memoryBundle({}))).rejects.toMatchObject({ code: "bundle_missing" });
  });

  test("has both ids apart, why a request failed, and prices", async () => {
    const prices = { currency: "USD", per: 1000, models: { "gpt-": { input: 1, output: 2 } } };
    const run = [
      { ...RUN[0], input: RUN[0]?.input ?? [], usage: { input: 1000, cached: 0 } },
      ...RUN.slice(1),
    ];
    const { index } = dataOf(await renderWhole(runBundle(run), { prices }));
    expect(
      index.requests.map(({ responseId, upstreamId, failure }) => [
        responseId,
        upstreamId,
        failure,
      ]),
    ).toEqual([
      ["resp_1", "req_1", undefined],
      [null, "req_2", "reset"],
    ]);
    expect(index.ledger.total.costNano).toBe(1_020_000_000);
  });
});

describe("a page of differences", () => {
  const kept = { input: [userMessage("one")], members: { instructions: "</script><b>" } };
  const run = (word: string) =>
    readContents(
      runBundle([kept, { input: [userMessage("one"), userMessage(word)] }, RUN[1] ?? kept]),
    );
  const diffOf = async (...options: Parameters<typeof renderDiffHtml>) => {
    const page = Buffer.concat([...renderDiffHtml(...options)]);
    const { index, texts } = dataOf(page);
    return { page: page.toString(), index: index as unknown as DiffIndex, texts };
  };

  test("[trace-viewer/differences] has the texts of the requests it compares, no others, and loads nothing", async () => {
    const { page, index, texts } = await diffOf(await run("two"), { requests: [1, 2] });
    expect(index).toMatchObject({ of: "pair", pairs: [{ before: 0, after: 1 }] });
    expect(index.requests.map(({ number, input }) => [number, input.own.length])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(texts.join("")).toContain("two");
    expect(texts.join("")).not.toContain("first");
    expect(page).toContain("default-src 'none'");
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page).not.toContain("</script><b>");
    const again = await diffOf(await run("two"), { requests: [1, 2] });
    expect(again.page).toBe(page);
  });

  test("[trace-viewer/differences] every request beside the one before it, or beside that of another run", async () => {
    const one = await run("two");
    const { index } = await diffOf(one);
    expect(index.pairs.map(({ before, after, verdict }) => [before, after, verdict?.kind])).toEqual(
      [
        [undefined, 0, "cold"],
        [0, 1, "instructions_changed"],
        [1, 2, "history_rewritten"],
      ],
    );
    const same = (await diffOf(one, { other: await run("two") })).index;
    expect(same.pairs.map(({ isNotable }) => isNotable)).toEqual([false, false, false]);
    const runs = (await diffOf(one, { other: await run("three") })).index;
    expect(runs.pairs.map(({ before, after, isNotable }) => [before, after, isNotable])).toEqual([
      [0, 1, false],
      [2, 3, true],
      [4, 5, false],
    ]);
    expect(() => [...renderDiffHtml(one, { requests: [1, 9] })]).toThrow("there is no request 9");
  });

  test("[trace-viewer/differences] a text over the limit is cut, and the work can be stopped", async () => {
    const long = await readContents(runBundle([{ input: [userMessage("x".repeat(300_000))] }]));
    const { texts } = await diffOf(long, { maxTextLength: 200_000 });
    expect(texts.some((text) => text.includes("cut_text"))).toBe(true);
    const signal = AbortSignal.abort(new Error("no longer wanted"));
    expect(() => [...renderDiffHtml(long, { signal })]).toThrow("no longer wanted");
  });
});
