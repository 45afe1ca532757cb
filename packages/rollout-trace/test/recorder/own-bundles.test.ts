import { openBundle, reduceBundle, type TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { writeOwnBundles } from "../support/own-bundles.ts";
import { brokenReferences } from "../support/recording.ts";

test.each<TraceSchemaVersion>([1, 2, 3])(
  "[trace/C4] what is on a full disk is a bundle that reduces strictly (schema %i)",
  async (schemaVersion) => {
    await using folder = await temporaryDirectory();
    const bundles = await writeOwnBundles({
      root: folder.path,
      schemaVersion,
      randomRuns: 2,
      ...(isLongForm ? {} : { diskSizes: [1, 8, 34, 89] }),
    });
    const more = schemaVersion === 3 ? 6 : 0;
    expect(bundles).toHaveLength((isLongForm ? 23 : 11) + more);
    const completed: string[] = [];
    for (const { name, path } of bundles) {
      // Where parts were cut, what is put together of them is no JSON.
      const broken = name.startsWith("limited") ? [] : brokenReferences(path);
      expect(broken).toEqual([]);
      const { state } = await reduceBundle(openBundle(path), { mode: "strict" });
      if (state.recording_complete === true || state.recording_status === "complete")
        completed.push(name);
    }
    expect(completed.includes("every-event")).toBe(schemaVersion !== 1);
    // The larger disks hold the whole run.
    // Schema 3 writes in batches, fewer on a fast machine: there a small disk may hold it, too.
    const onSmallDisks = completed.filter((name) => /^full-disk-.*-(?:[1-3]?\d)$/.test(name));
    expect(schemaVersion === 3 ? [] : onSmallDisks).toEqual([]);
  },
  isLongForm ? 120_000 : 60_000,
);
