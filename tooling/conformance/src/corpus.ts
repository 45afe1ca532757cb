// Reduces every bundle of a corpus of recorded Codex bundles and compares with what the real reducer made of it.
//
//   pnpm conformance:corpus [--corpus DIR]… [--verbose]
//
// The corpus is not part of this repository; without it the run says so and succeeds. With one, it has to be whole. Codex
// 0.171, whose bundles have schema 3, stands in a folder of its own.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkBundle } from "./check-bundle.ts";
import { CORPUS_FOLDERS, findRecordedBundles } from "./recorded-bundles.ts";

/** What the corpus held when this was written; fewer means that part of it is missing. */
const EXPECTED = { bundles: 204 + 64, damaged: 75 + 38, states: 220 + 78 };

const { values } = parseArgs({
  options: {
    corpus: { type: "string", multiple: true, default: CORPUS_FOLDERS },
    verbose: { type: "boolean", default: false },
  },
});

const folders = values.corpus.filter((folder) => existsSync(folder));
if (folders.length === 0) {
  console.log(`conformance: SKIPPED, no recorded bundles at ${values.corpus.join(" or ")}`);
} else {
  process.exitCode = (await run(folders)) ? 0 : 1;
}

async function run(corpus: readonly string[]): Promise<boolean> {
  const recorded = corpus.flatMap(findRecordedBundles);
  let failures = 0;
  for (const bundle of recorded) {
    const problems = await checkBundle(bundle);
    failures += problems.length > 0 ? 1 : 0;
    for (const problem of problems) console.log(`FAIL ${bundle.name}: ${problem}`);
    if (values.verbose && problems.length === 0) console.log(`ok   ${bundle.name}`);
  }
  const found = {
    bundles: recorded.filter((bundle) => !bundle.isDamaged).length,
    damaged: recorded.filter((bundle) => bundle.isDamaged).length,
    states: recorded.filter((bundle) => bundle.expectedStateFile !== undefined).length,
  };
  const isWhole =
    found.bundles >= EXPECTED.bundles &&
    found.damaged >= EXPECTED.damaged &&
    found.states >= EXPECTED.states;
  if (!isWhole)
    console.log(
      `FAIL the corpus is not whole: expected at least ${JSON.stringify(EXPECTED)}, found ${JSON.stringify(found)}`,
    );
  console.log(`conformance: ${found.bundles} bundles, ${found.damaged} damaged`);
  console.log(
    `${found.states} states to equal, ${recorded.length - found.states} to refuse, ${failures} failed`,
  );
  return isWhole && failures === 0;
}
