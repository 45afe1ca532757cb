import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import * as everything from "@codex-ts/rollout-trace";
import * as portable from "@codex-ts/rollout-trace/reducer";

const ENTRY = new URL("../../src/reducer/index.ts", import.meta.url);
const NODE_NAMES = /\b(?:Buffer|process|require|__dirname|setImmediate)\b/;

/** Every file of this package, and every package, that an entry loads when it runs. */
function importGraph(entry: URL): { readonly files: Set<string>; readonly packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (url: URL): void => {
    if (files.has(url.href)) return;
    files.add(url.href);
    for (const specifier of runtimeImports(readFileSync(url, "utf8"))) {
      if (specifier.startsWith(".")) visit(new URL(specifier, url));
      else packages.add(specifier);
    }
  };
  visit(entry);
  return { files, packages };
}

/** Specifiers of imports and re-exports that are not erased with the types. */
function runtimeImports(source: string): string[] {
  const statements = source.matchAll(
    /^(?:import|export)\s(?!type\b)(?:[^;]*?\sfrom\s+)?"([^"]+)";/gms,
  );
  return [...statements, ...source.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g)].map(
    (match) => match[1] ?? "",
  );
}

/** Code without comments and strings. */
function codeOf(source: string): string {
  return source
    .replaceAll(/\/\*.*?\*\//gs, "")
    .replaceAll(/\/\/.*$/gm, "")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/gs, '""');
}

test("[trace/C10] the reducer entry loads nothing of Node and no package besides hashes and protocol", () => {
  const { files, packages } = importGraph(ENTRY);
  expect(files.size).toBeGreaterThan(40);
  expect([...packages].toSorted()).toEqual([
    "@codex-ts/protocol",
    "@noble/hashes/sha2.js",
    "@noble/hashes/utils.js",
  ]);
  for (const file of files)
    expect(codeOf(readFileSync(new URL(file), "utf8")), file).not.toMatch(NODE_NAMES);
});

test("nor do the packages it uses", () => {
  const require = createRequire(import.meta.url);
  for (const specifier of ["@noble/hashes/sha2.js", "@noble/hashes/utils.js"]) {
    const entry = pathToFileURL(require.resolve(specifier));
    const { files, packages } = importGraph(entry);
    expect([...packages]).toEqual([]);
    expect(
      [...files].every((file) => dirname(fileURLToPath(file)) === dirname(fileURLToPath(entry))),
    ).toBe(true);
  }
});

test("the main entry offers the same values and Node's ways to read and write", () => {
  expect(Object.keys(portable).toSorted()).toEqual([
    "TraceReadError",
    "TraceReducer",
    "memoryBundle",
    "reduceBundle",
  ]);
  expect(Object.keys(everything)).toEqual(
    expect.arrayContaining([
      ...Object.keys(portable),
      "openBundle",
      "followBundle",
      "writeReducedState",
    ]),
  );
});
