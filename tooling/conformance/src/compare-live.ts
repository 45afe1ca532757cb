// Runs the real Codex 0.140 and `codex-ts exec` against the same scripted servers and compares what they send and print.
//
//   pnpm conformance:exec [--only SCENARIO]... [--codex PATH] [--cache DIR] [--verbose]
//
// The binary is fetched on demand into the user's cache directory, never installed with the repository; everything else
// stays on the loopback. Exit code 0: no difference but those of differences/live.json, and each of those occurred.
import { parseArgs } from "node:util";
import { exceptDecided } from "./compare/decided-facts.ts";
import { type Difference, runDifferences } from "./compare/differences.ts";
import { KnownDifferences, readKnownDifferences } from "./compare/known-differences.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import type { LiveScenario } from "./programs/live-scenario.ts";
import { LIVE_SCENARIOS } from "./programs/live-scenarios.ts";
import { likeCodex140, ownCodex, realCodex } from "./programs/program.ts";
import { runProgram, type ProgramRun } from "./programs/run-program.ts";

const VERSION = "0.140.0";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    codex: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
    verbose: { type: "boolean", default: false },
  },
});

try {
  process.exitCode = (await compareAll(chosenScenarios())) ? 0 : 1;
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

async function compareAll(scenarios: readonly LiveScenario[]): Promise<boolean> {
  const binary = values.codex ?? (await fetchCodex(VERSION, values.cache));
  const known = new KnownDifferences(
    readKnownDifferences(new URL("../differences/live.json", import.meta.url)),
  );
  const runs = scenarios.flatMap((scenario) =>
    [true, ...(scenario.runsUntraced === true ? [false] : [])].map((isTraced) => ({
      scenario,
      isTraced,
    })),
  );
  let failed = 0;
  for (const { scenario, isTraced } of runs) {
    const differences = await compareOne(binary, scenario, isTraced);
    const unknown = known.unknown(scenario.name, differences);
    failed += unknown.length > 0 ? 1 : 0;
    report(scenario, isTraced, unknown);
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
    `codex ${VERSION} and codex-ts: ${runs.length} runs compared, ${failed} differ, ` +
      `${known.entries.length} kinds of difference are allowed`,
  );
  return failed === 0 && unused.length === 0;
}

async function compareOne(
  binary: string,
  scenario: LiveScenario,
  isTraced: boolean,
): Promise<Difference[]> {
  const real = await runProgram(realCodex(VERSION, binary), scenario, { isTraced });
  const own = likeCodex140(ownCodex({ from: "source" }), betaFeatures(real));
  const ours = await runProgram(own, scenario, { isTraced });
  const differences = runDifferences(real.comparable, ours.comparable);
  if (values.verbose || differences.some(({ field }) => field === "exitCode")) {
    console.log(`     stderr of codex:    ${JSON.stringify(real.stderr)}`);
    console.log(`     stderr of codex-ts: ${JSON.stringify(ours.stderr)}`);
  }
  return exceptDecided(differences, scenario.decided ?? []);
}

/** What the real program says it has switched on. */
function betaFeatures({ comparable }: ProgramRun): string[] {
  const header = [...comparable.handshakes, ...comparable.requests]
    .map(({ headers }) => headers["x-codex-beta-features"])
    .find((value) => typeof value === "string");
  return header?.split(",") ?? [];
}

function report({ name }: LiveScenario, isTraced: boolean, unknown: readonly Difference[]): void {
  console.log(
    `${unknown.length === 0 ? "ok  " : "FAIL"} ${name}, ${isTraced ? "traced" : "not traced"}`,
  );
  for (const { field, expected, actual } of unknown) {
    console.log(`     ${field}\n       codex:    ${expected}\n       codex-ts: ${actual}`);
  }
}
