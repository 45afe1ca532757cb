// Plays the recorder's scenarios, those that the recordings of real Codex come from, with `codex-ts` as its binary, and
// compares what it sent and the shapes of its traces with the recordings.
//
//   pnpm conformance:recorder [--compatibility 0.171|0.140] [--cli MAIN] [--keep DIR] [SCENARIO…]
//
// Two scenarios hold times of a tenth of a second: a busy machine misses some, `chrt -r 1 node …` does not.
//
// Needs the recordings beside the repository and a built command line. Exit code 0: no difference but those listed in
// differences/recorder-*.json.
import { mkdtemp, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import type { Difference } from "./compare/differences.ts";
import { report } from "./compare/report.ts";
import { KnownDifferences, readKnownDifferences } from "./compare/known-differences.ts";
import { chosenGenerations } from "./programs/generations.ts";
import { recordedScenarioNames } from "./recorded/recorded-scenario.ts";
import { ATTEMPTS } from "./recorded/scenarios.ts";
import { compareRecordings } from "./recorder/compare-recordings.ts";
import { prepareRecorder } from "./recorder/prepare-recorder.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    compatibility: { type: "string" },
    cli: {
      type: "string",
      default: fileURLToPath(new URL("../../../apps/cli/dist/main.js", import.meta.url)),
    },
    keep: { type: "string" },
  },
});

// Not in the system's temporary directory, where Codex makes no helper programs.
const work = await mkdtemp(join(homedir(), ".cache", "codex-ts-recorder-"));
let failed = 0;
try {
  const recorder = await prepareRecorder(work, values.cli);
  for (const compatibility of chosenGenerations(values)) {
    const list = new URL(`../differences/recorder-${compatibility}.json`, import.meta.url);
    const known = new KnownDifferences(readKnownDifferences(list));
    const names = recordedScenarioNames(compatibility).filter(
      (name) => positionals.length === 0 || positionals.includes(name),
    );
    let equal = 0;
    for (const name of names) {
      const folder = join(values.keep ?? work, compatibility);
      let found: readonly Difference[] = [];
      for (let attempt = 0; attempt < (ATTEMPTS[name] ?? 1); attempt += 1) {
        const failure = await recorder.record(name, compatibility, folder);
        found =
          failure === undefined
            ? known.unknown(name, await compareRecordings(name, compatibility, folder, recorder))
            : [{ field: "run", expected: "ended", actual: failure }];
        if (found.length === 0) break;
      }
      report(`${compatibility} ${name}`, found);
      if (found.length === 0) equal += 1;
    }
    console.log(`${compatibility}: ${equal} of ${names.length} scenarios equal`);
    failed += names.length - equal;
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
