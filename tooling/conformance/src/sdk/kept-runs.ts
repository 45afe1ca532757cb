import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Compatibility } from "@codex-ts/protocol";
import type { SdkRun } from "./run-sdk.ts";
import { SDK_SCENARIOS } from "./sdk-scenarios.ts";
import type { SdkScenario, SdkVersion } from "./sdk-scenario.ts";

/** The SDK each generation is driven by. */
export const SDK_OF: Readonly<Record<Compatibility, SdkVersion>> = {
  "0.171": "0.163.0",
  "0.140": "0.140.0",
};

/** The scenarios whose options the SDK of a generation has. */
export function scenariosOf(compatibility: Compatibility): readonly SdkScenario[] {
  const sdk = SDK_OF[compatibility];
  return SDK_SCENARIOS.filter(({ sdks }) => sdks === undefined || sdks.includes(sdk));
}

/** What the real program of a generation gave, by scenario. */
export type KeptRuns = Readonly<Record<string, SdkRun>>;

export function readKeptRuns(compatibility: Compatibility): KeptRuns {
  const file = keptRunsFile(compatibility);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as KeptRuns) : {};
}

export function writeKeptRuns(compatibility: Compatibility, runs: KeptRuns): void {
  writeFileSync(keptRunsFile(compatibility), `${JSON.stringify(runs, undefined, 2)}\n`);
}

function keptRunsFile(compatibility: Compatibility): URL {
  return new URL(`../../test/sdk/kept-${compatibility}.json`, import.meta.url);
}
