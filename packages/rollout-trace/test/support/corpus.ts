import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Bundles recorded by real Codex, kept beside the repository; tests that need them skip when they are not there. */
const CORPUS = fileURLToPath(new URL("../../../../../shared/conformance", import.meta.url));

export const hasCorpus: boolean = existsSync(CORPUS);

/** Versions that write schema 3. */
const SCHEMA_3 = new Set(["0.171.0"]);

/** Undamaged bundles of one Codex version: name and directory. */
export function recordedBundles(version: string): { name: string; folder: string }[] {
  if (!hasCorpus) return [];
  const root = join(CORPUS, SCHEMA_3.has(version) ? "bundles-schema3" : "bundles", version);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("trace.jsonl") && !file.startsWith("corrupted"))
    .map((file) => ({ name: relative(".", dirname(file)), folder: join(root, dirname(file)) }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}
