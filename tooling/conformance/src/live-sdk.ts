// Has the official SDK drive the real Codex and `codex-ts` as built, and compares everything it tells and what its options became.
//
//   pnpm conformance:sdk [--compatibility 0.171|0.140] [--only SCENARIO]... [--codex PATH] [--cache DIR] [--write]
//
// `--write` keeps what the real program gave in test/sdk/, for the tests that run without it. The binary is fetched on demand
// into the user's cache folder; everything else stays on the loopback. Exit code 0: no difference.
import { parseArgs } from "node:util";
import type { Compatibility } from "@codex-ts/protocol";
import { differences } from "./compare/differences.ts";
import { report } from "./compare/report.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { CODEX_VERSIONS, chosenGenerations } from "./programs/generations.ts";
import { realCodex } from "./programs/program.ts";
import { SDK_OF, readKeptRuns, scenariosOf, writeKeptRuns } from "./sdk/kept-runs.ts";
import { type SdkRun, ownOfGeneration, runSdk } from "./sdk/run-sdk.ts";

const { values } = parseArgs({
  options: {
    compatibility: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
    codex: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
    write: { type: "boolean", default: false },
  },
});

let isEqual = true;
for (const generation of chosenGenerations(values)) {
  isEqual = (await compareAll(generation)) && isEqual;
}
process.exitCode = isEqual ? 0 : 1;

async function compareAll(compatibility: Compatibility): Promise<boolean> {
  const version = CODEX_VERSIONS[compatibility];
  const sdk = SDK_OF[compatibility];
  const real = realCodex(version, values.codex ?? (await fetchCodex(version, values.cache)));
  const scenarios = scenariosOf(compatibility).filter(
    ({ name }) => values.only.length === 0 || values.only.includes(name),
  );
  const kept: Record<string, SdkRun> = { ...readKeptRuns(compatibility) };
  let failed = 0;
  for (const scenario of scenarios) {
    const expected = await runSdk(real, scenario, { sdk, compatibility });
    const own = ownOfGeneration(compatibility, { from: "build" });
    const actual = await runSdk(own, scenario, { sdk, compatibility });
    kept[scenario.name] = expected;
    const found = differences(expected, actual);
    if (found.length > 0) failed += 1;
    report(scenario.name, found);
  }
  if (values.write) writeKeptRuns(compatibility, kept);
  console.log(
    `SDK ${sdk} on codex ${version} and codex-ts: ${scenarios.length} scenarios, ${failed} differ`,
  );
  return failed === 0;
}
