// Has the real Codex 0.171 and 0.140 and `codex-ts` keep the same sessions and go on with each other's:
// - the lines of their session files are equal but for ids, times and each program's own texts;
// - what one has kept the other resumes: same id, same file, no line torn, and the next request is the one that the
//   program that kept it would have sent.
//
//   pnpm conformance:sessions [--compatibility 0.171|0.140] [--only SCENARIO]... [--cache DIR] [--verbose]
//
// Everything stays on the loopback. Exit code 0: no difference but those of differences/live-*.json.
import { parseArgs } from "node:util";
import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import { differences } from "./compare/differences.ts";
import type { Difference } from "./compare/differences.ts";
import { report } from "./compare/report.ts";
import { KnownDifferences, readKnownDifferences } from "./compare/known-differences.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { CODEX_VERSIONS, chosenGenerations } from "./programs/generations.ts";
import { betaFeaturesOf, likeCodex, ownCodex, realCodex } from "./programs/program.ts";
import type { Program } from "./programs/program.ts";
import { OMITTED, comparableLines, withSettingsOnce } from "./sessions/comparable-line.ts";
import { type PlayedRun, SessionHome } from "./sessions/session-home.ts";
import type { SessionScenario } from "./sessions/session-scenario.ts";
import { SESSION_SCENARIOS } from "./sessions/session-scenarios.ts";

const { values } = parseArgs({
  options: {
    compatibility: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
    cache: { type: "string", default: defaultCacheFolder() },
    verbose: { type: "boolean", default: false },
  },
});

let failed = 0;
let checks = 0;
for (const compatibility of chosenGenerations(values)) {
  const binary = await fetchCodex(CODEX_VERSIONS[compatibility], values.cache);
  const list = new URL(`../differences/live-${compatibility}.json`, import.meta.url);
  const known = new KnownDifferences(readKnownDifferences(list));
  for (const scenario of SESSION_SCENARIOS) {
    if (values.only.length > 0 && !values.only.includes(scenario.name)) continue;
    if (scenario.generations?.includes(compatibility) === false) continue;
    await compareScenario(scenario, { compatibility, binary, known });
  }
}
if (values.verbose)
  for (const [path, reason] of OMITTED) console.log(`left out: ${path}: ${reason}`);
console.log(`${checks} checks, ${failed} failed`);
process.exitCode = failed === 0 && checks > 0 ? 0 : 1;

async function compareScenario(
  scenario: SessionScenario,
  options: {
    readonly compatibility: Compatibility;
    readonly binary: string;
    readonly known: KnownDifferences;
  },
): Promise<void> {
  const { compatibility, binary, known } = options;
  const real = realCodex(CODEX_VERSIONS[compatibility], binary);
  let ours = likeCodex(ownCodex({ from: "source" }), compatibility, []);
  await using realHome = await SessionHome.create(scenario, compatibility);
  await using ourHome = await SessionHome.create(scenario, compatibility);
  const first = await realHome.play(real, scenario.runs[0] ?? fail("a scenario without runs"));
  ours = likeCodex(ownCodex({ from: "source" }), compatibility, betaFeaturesOf(first.comparable));
  const check = (what: string, found: readonly Difference[]): void => {
    checks += 1;
    const unknown = known.unknown("*", found);
    const gap = scenario.gaps?.find(
      ({ generation, check: name }) => generation === compatibility && name === what,
    );
    if (unknown.length > 0 !== (gap !== undefined)) failed += 1;
    if (gap !== undefined) {
      const outcome = unknown.length > 0 ? "gap " : "FAIL (a gap no more)";
      console.log(`${outcome} ${compatibility} ${scenario.name}: ${what}: ${gap.reason}`);
      return;
    }
    report(`${compatibility} ${scenario.name}: ${what}`, unknown);
  };
  const [, ...rest] = scenario.runs;
  const last = rest.pop() ?? fail("a scenario without a second run");
  await playAll(realHome, real, rest);
  const backToReal = await realHome.keep();
  const their = await realHome.play(real, last);
  const realLines = linesOf(realHome, scenario);
  await backToReal();
  const oursOfTheirs = await realHome.play(ours, last);
  check("codex-ts goes on with a session of Codex", [
    ...goesOn(oursOfTheirs, their, realHome),
    ...differences(their.comparable, oursOfTheirs.comparable),
  ]);
  if (scenario.isKeptByCodexOnly === true) return;
  await playAll(ourHome, ours, [scenario.runs[0] ?? last, ...rest]);
  const backToOurs = await ourHome.keep();
  const own = await ourHome.play(ours, last);
  check("lines", lineDifferences(realLines, linesOf(ourHome, scenario)));
  await backToOurs();
  const theirsOfOurs = await ourHome.play(real, last);
  check("Codex goes on with a session of codex-ts", [
    ...goesOn(theirsOfOurs, own, ourHome),
    ...differences(theirsOfOurs.comparable, own.comparable),
  ]);
  const how = last.how === "fork" ? "resume" : last.how;
  const again = await ourHome.play(ours, { ...last, how });
  check(
    "codex-ts goes on with what both have written",
    goesOn(again, { ...own, files: theirsOfOurs.files }, ourHome),
  );
}

async function playAll(
  home: SessionHome,
  program: Program,
  runs: SessionScenario["runs"],
): Promise<void> {
  for (const run of runs) {
    const played = await home.play(program, run);
    if (played.threadId === undefined) fail(`${program.name}: ${played.stderr}`);
  }
}

/** Where the kinds of lines differ, comparing the lines would be noise. */
function lineDifferences(expected: readonly Lines[], actual: readonly Lines[]): Difference[] {
  const kinds = (files: readonly Lines[]): string =>
    files.map((lines) => lines.map(lineKind).join(", ")).join(" | ");
  if (kinds(expected) === kinds(actual)) return differences({ expected }, { expected: actual });
  return [{ field: "kinds", expected: kinds(expected), actual: kinds(actual) }];
}

type Lines = readonly JsonObject[];

function lineKind({ type, payload }: JsonObject): string {
  const { type: event, item } = payload as { type?: string; item?: { type: string } };
  const parts = [type as string, event, item?.type];
  return parts.filter((part) => part !== undefined).join(":");
}

function linesOf(home: SessionHome, { runs }: SessionScenario): readonly Lines[] {
  const isReverted = runs.some(({ how }) => how === "revert");
  return home.files.map((file) => {
    const lines = home.lines(file);
    return comparableLines(isReverted ? withSettingsOnce(lines) : lines, {
      workspace: home.workspace,
      host: "host",
    });
  });
}

/** The same session went on: exit code, id, number of files, and every line can be read. */
function goesOn(played: PlayedRun, expected: PlayedRun, home: SessionHome): Difference[] {
  const facts = ({ exitCode, files, unexpected }: PlayedRun): object => ({
    exitCode,
    isRightThread: true,
    files,
    unexpected,
  });
  for (const file of home.files) home.lines(file);
  const found = differences(
    facts(expected),
    { ...facts(played), isRightThread: played.isRightThread },
    "run",
  );
  if (found.length > 0 || values.verbose) console.log(played.stdout, played.stderr);
  return found;
}

function fail(message: string): never {
  throw new Error(message);
}
