import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { findRecordedBundles } from "../recorded-bundles.ts";
import { DraftBundle } from "./draft-bundle.ts";
import { Dice } from "./dice.ts";
import { itemsOf } from "./items.ts";
import type { Json } from "./json-text.ts";
import { isObject } from "./json-text.ts";
import { mutate } from "./mutate.ts";

/** Bundles to start from, and items to put into others. */
export interface Drafts {
  readonly drafts: readonly { readonly name: string; readonly draft: DraftBundle }[];
  readonly pool: readonly Json[];
}

/** A changed bundle. The same seed and drafts give the same one. */
export interface Mutant {
  /** Name of the bundle it was. */
  readonly name: string;
  /** What was done to it. */
  readonly changes: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

/** The writers of own bundles are test code of the package, outside this project's sources. */
interface OwnBundlesModule {
  readonly writeOwnBundles: (options: {
    readonly root: string;
    readonly schemaVersion: TraceSchemaVersion;
    readonly randomRuns: number;
  }) => Promise<{ readonly name: string; readonly path: string }[]>;
}

/** Writes bundles with our recorders, below `root`, of every sort they can write. */
export async function ownDrafts(
  root: string,
  options: { readonly schemaVersion: TraceSchemaVersion; readonly randomRuns: number },
): Promise<Drafts["drafts"]> {
  const file = "../../../../packages/rollout-trace/test/support/own-bundles.ts";
  const module = (await import(new URL(file, import.meta.url).href)) as OwnBundlesModule;
  const bundles = await module.writeOwnBundles({ root, ...options });
  return bundles.map(({ name, path }) => ({ name, draft: DraftBundle.read(path) }));
}

/** Recorded bundles of a schema, those the real reducer refuses among them. */
export function recordedDrafts(
  corpus: string,
  schemaVersion: TraceSchemaVersion,
): Drafts["drafts"] {
  const schema = (path: string): unknown =>
    (JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")) as Record<string, unknown>)[
      "schema_version"
    ];
  return findRecordedBundles(corpus)
    .filter(({ isDamaged, path }) => !isDamaged && schema(path) === schemaVersion)
    .map(({ name, path }) => ({ name, draft: DraftBundle.read(path) }));
}

/** Items longer than this tell nothing more than shorter ones, and cost time. */
const MAX_POOL_ITEM_CHARACTERS = 3000;

/** Puts one item of every sort that is there into the pool. */
export function withPool(drafts: Drafts["drafts"]): Drafts {
  const bySort = new Map<string, Json>();
  for (const item of drafts.flatMap(({ draft }) => itemsOf(draft))) {
    const text = JSON.stringify(item);
    if (!isObject(item) || text.length > MAX_POOL_ITEM_CHARACTERS) continue;
    bySort.set(JSON.stringify([item["type"], Object.keys(item), text.length >> 7]), item);
  }
  return { drafts, pool: [...bySort.values()] };
}

export function makeMutant({ drafts, pool }: Drafts, seed: number): Mutant {
  const dice = new Dice(seed);
  const { name, draft } = dice.pick(drafts);
  const bundle = draft.copy();
  const changes = mutate(bundle, dice, pool);
  return { name, changes, files: bundle.files() };
}
