// Runs the real Codex 0.171 and 0.140 and `codex-ts exec` against the same scripted servers and compares what they send and
// print; `codex-ts` is set to the generation it is compared with.
//
//   pnpm conformance:exec [--compatibility 0.171|0.140] [--only SCENARIO]... [--codex PATH] [--cache DIR] [--verbose]
//
// The binary is fetched on demand into the user's cache folder, never installed with the repository; everything else
// stays on the loopback. Exit code 0: no difference but those of differences/live-*.json, and each of those occurred.
import { parseArgs } from "node:util";
import type { Compatibility } from "@codex-ts/protocol";
import { exceptDecided } from "./compare/decided-facts.ts";
import { type Difference, runDifferences } from "./compare/differences.ts";
import { report } from "./compare/report.ts";
import { KnownDifferences, readKnownDifferences } from "./compare/known-differences.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { CODEX_VERSIONS, chosenGenerations } from "./programs/generations.ts";
import type { LiveScenario } from "./programs/live-scenario.ts";
import { LIVE_SCENARIOS } from "./programs/live-scenarios.ts";
import { betaFeaturesOf, likeCodex, ownCodex, realCodex } from "./programs/program.ts";
import { runProgram } from "./programs/run-program.ts";

const { values } = parseArgs({
  options: {
    compatibility: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
    codex: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
    verbose: { type: "boolean", default: false },
  },
});

try {
  let isEqual = true;
  for (const generation of chosenGenerations(values)) {
    isEqual = (await compareAll(generation, chosenScenarios())) && isEqual;
  }
  process.exitCode = isEqual ? 0 : 1;
} catch (error) {
  console.error(`conformance: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function chosenScenarios(): readonly LiveScenario[] {
  const names = LIVE_SCENARIOS.map(({ name }) => name);
  const wrong = values.only.find((name) => !names.includes(name));
  if (wrong !== undefined)
    throw new Error(`there is no scenario ${wrong}; there are ${names.join(", ")}`);
  return values.only.length === 0
    ? LIVE_SCENARIOS
    : LIVE_SCENARIOS.filter(({ name }) => values.only.includes(name));
}

async function compareAll(
  compatibility: Compatibility,
  scenarios: readonly LiveScenario[],
): Promise<boolean> {
  const version = CODEX_VERSIONS[compatibility];
  const binary = values.codex ?? (await fetchCodex(version, values.cache));
  const list = new URL(`../differences/live-${compatibility}.json`, import.meta.url);
  const known = new KnownDifferences(readKnownDifferences(list));
  const runs = scenarios.flatMap((scenario) =>
    [true, ...(scenario.runsUntraced === true ? [false] : [])].map((isTraced) => ({
      scenario,
      isTraced,
    })),
  );
  let failed = 0;
  for (const { scenario, isTraced } of runs) {
    const differences = await compareOne({ compatibility, binary }, scenario, isTraced);
    const unknown = known.unknown(scenario.name, differences);
    failed += unknown.length > 0 ? 1 : 0;
    report(`${scenario.name}, ${isTraced ? "traced" : "not traced"}`, unknown);
  }
  for (const entry of known.entries) {
    if (values.verbose)
      console.log(
        `allowed: ${entry.scenario} ${entry.field}, ${known.uses(entry)} times: ${entry.reason}`,
      );
  }
  // A part of the scenarios cannot tell whether an entry still occurs.
  const unused = scenarios.length === LIVE_SCENARIOS.length ? known.unused : [];
  for (const { scenario, field } of unused)
    console.log(`FAIL ${scenario} ${field} is on the list of differences and occurs no more`);
  console.log(
    `codex ${version} and codex-ts: ${runs.length} runs compared, ${failed} differ, ` +
      `${known.entries.length} kinds of difference are allowed`,
  );
  return failed === 0 && unused.length === 0;
}

async function compareOne(
  { compatibility, binary }: { readonly compatibility: Compatibility; readonly binary: string },
  scenario: LiveScenario,
  isTraced: boolean,
): Promise<Difference[]> {
  const real = await runProgram(realCodex(CODEX_VERSIONS[compatibility], binary), scenario, {
    isTraced,
    compatibility,
  });
  const own = likeCodex(
    ownCodex({ from: "source" }),
    compatibility,
    betaFeaturesOf(real.comparable),
  );
  const ours = await runProgram(own, scenario, { isTraced, compatibility });
  const differences = runDifferences(real.comparable, ours.comparable);
  if (values.verbose || differences.some(({ field }) => field === "exitCode")) {
    console.log(`     stderr of codex:    ${JSON.stringify(real.stderr)}`);
    console.log(`     stderr of codex-ts: ${JSON.stringify(ours.stderr)}`);
  }
  return exceptDecided(differences, scenario.decided ?? []);
}
