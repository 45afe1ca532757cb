import { existsSync } from "node:fs";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { makeMutant, ownDrafts, recordedDrafts, withPool } from "../../src/fuzz/drafts.ts";
import type { Drafts } from "../../src/fuzz/drafts.ts";
import { CORPUS_FOLDERS } from "../../src/recorded-bundles.ts";
import { readOwn } from "../../src/fuzz/read-own.ts";

const FIRST_SEED = 1;
const MUTANTS = 120;

async function draftsOf(schemaVersion: 1 | 2 | 3): Promise<Drafts> {
  await using directory = await temporaryDirectory();
  const own = await ownDrafts(directory.path, { schemaVersion, randomRuns: 5 });
  const recorded = CORPUS_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    recordedDrafts(folder, schemaVersion),
  );
  return withPool([...recorded, ...own]);
}

describe.each([1, 2, 3] as const)("changed bundles of schema %d", async (schemaVersion) => {
  const drafts = await draftsOf(schemaVersion);

  test("[conformance/fuzz-own-readings] are read the same in all our ways, tolerantly without throwing", async () => {
    let accepted = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + MUTANTS; seed += 1) {
      const { name, changes, files } = makeMutant(drafts, seed);
      const { verdict, disagreement } = await readOwn(files);
      expect(disagreement, `seed ${seed}, ${name}: ${changes.join("; ")}`).toBeUndefined();
      accepted += verdict.isAccepted ? 1 : 0;
    }
    // Bundles that are all refused, or none, would say little.
    expect(accepted).toBeGreaterThan(MUTANTS / 4);
    expect(accepted).toBeLessThan((MUTANTS * 3) / 4);
  });

  test("are the same for the same seed, and others for another", () => {
    expect(makeMutant(drafts, 7)).toEqual(makeMutant(drafts, 7));
    expect(makeMutant(drafts, 8)).not.toEqual(makeMutant(drafts, 7));
  });
});
