import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { openBundle, reduceBundle, TraceReadError, TraceReducer } from "@codex-ts/rollout-trace";
import type { RawTraceEvent } from "@codex-ts/rollout-trace";
import { reduceBundle as portableReduceBundle } from "@codex-ts/rollout-trace/reducer";
import { isLongForm } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { nodeZstdDecoder } from "../../src/reader/shards/node-zstd.ts";

/** Bundles recorded by real Codex and what its reducers made of them; kept beside the repository. */
const CORPORA = ["bundles", "bundles-schema3"].map((folder) =>
  fileURLToPath(new URL(`../../../../../shared/conformance/${folder}`, import.meta.url)),
);
const CORPUS = CORPORA[0] ?? "";

function foldersWith(file: string): { readonly name: string; readonly folder: string }[] {
  return CORPORA.flatMap((corpus) => {
    if (!existsSync(corpus)) return [];
    return readdirSync(corpus, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(`/${file}`))
      .map((path) => join(corpus, dirname(path)))
      .map((folder) => ({ name: relative(corpus, folder), folder }));
  }).toSorted((left, right) => left.name.localeCompare(right.name));
}

/** The suite reads one bundle of each kind; `pnpm test:long` reads all. */
const IN_SUITE =
  /0\.171\.0\/(?:code-mode-yield-wait|user-image-input|ws-basic|corrupted\/(?:omitted-request|shard-torn|shard-two-frames|stripped-output-id|tool-output-other-id))$|0\.140\.0\/(?:chatgpt-compact-v1|ws-exec)$|0\.169\.0\/(?:agents-spawn-wait|code-mode-yield-wait|exotic-items)$|0\.169\.0\/corrupted\/(?:blank-lines|seq-gap|missing-response-payload)$/;
const BY_LINE = /agents-spawn-wait|ws-basic|chatgpt-compact|code-mode-yield|parallel-two|resume/;

const reduced = foldersWith("expected-state.json");
const refused = foldersWith("expected-error.txt");
const chosen = <T extends { readonly name: string }>(all: readonly T[]): readonly T[] =>
  isLongForm ? all : all.filter(({ name }) => IN_SUITE.test(name));

describe.skipIf(!existsSync(CORPUS))("bundles recorded by Codex", () => {
  test("[trace/C1] all of them are here", () => {
    expect(reduced.length).toBeGreaterThanOrEqual(298);
    expect(refused.length).toBeGreaterThanOrEqual(81);
  });

  test.each(chosen(reduced))(
    "[trace/C1] $name reduces to the recorded state, in every way of reading",
    async ({ folder }) => {
      const expected: unknown = JSON.parse(
        readFileSync(join(folder, "expected-state.json"), "utf8"),
      );
      const { state, diagnostics } = await reduceBundle(openBundle(folder), { mode: "strict" });
      expect(state).toEqual(expected);
      expect(diagnostics).toEqual([]);
      const tolerant = await reduceBundle(openBundle(folder));
      expect(tolerant.state).toStrictEqual(state);
      const isDamaged = folder.includes("corrupted");
      expect(isDamaged ? [] : tolerant.diagnostics).toEqual([]);
      const full = await reduceBundle(openBundle(folder), { mode: "strict", fullParse: true });
      expect(full.state).toStrictEqual(state);
      const portable = await portableReduceBundle(openBundle(folder), {
        mode: "strict",
        zstd: nodeZstdDecoder,
      });
      expect(portable.state).toStrictEqual(state);
    },
  );

  test.each(chosen(refused))(
    "[trace/C1] $name is refused in strict mode and reduced with diagnostics in tolerant mode",
    async ({ folder }) => {
      for (const fullParse of [false, true]) {
        const error = await reduceBundle(openBundle(folder), { mode: "strict", fullParse }).catch(
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(TraceReadError);
      }
      const tolerant = await reduceBundle(openBundle(folder));
      expect(tolerant.diagnostics.length).toBeGreaterThan(0);
      expect(await reduceBundle(openBundle(folder), { fullParse: true })).toStrictEqual(tolerant);
    },
  );

  test.each(
    reduced.filter(
      // The records of schema 3 are compared event by event where bundles are changed at random.
      ({ name }) =>
        !name.startsWith("0.171") &&
        (isLongForm ? BY_LINE.test(name) : name === "0.169.0/ws-basic"),
    ),
  )(
    "[trace/C2] $name has the same state at every line, event by event or from the log",
    async ({ folder }) => {
      const lines = readFileSync(join(folder, "trace.jsonl"), "utf8")
        .split("\n")
        .filter((line) => line !== "");
      const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as object;
      const reducer = new TraceReducer({ manifest, mode: "strict" });
      for (const [index, line] of lines.entries()) {
        reducer.push(JSON.parse(line) as RawTraceEvent, (path) => readFileSync(join(folder, path)));
        const source = openBundle(folder);
        const log = new TextEncoder().encode(`${lines.slice(0, index + 1).join("\n")}\n`);
        const batch = await reduceBundle({ ...source, events: () => [log] }, { mode: "strict" });
        expect(reducer.state()).toStrictEqual(batch.state);
      }
    },
  );
});
