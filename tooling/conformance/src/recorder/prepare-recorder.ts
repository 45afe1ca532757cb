import { execFile } from "node:child_process";
import { chmod, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Compatibility } from "@codex-ts/protocol";
import { toComparable } from "../compare/comparable.ts";
import { CODEX_VERSIONS } from "../programs/generations.ts";
import { betaFeaturesOf } from "../programs/program.ts";
import { observeRecording } from "../recorded/recorded-run.ts";
import { RECORDINGS, readRecordedScenario } from "../recorded/recorded-scenario.ts";

const run = promisify(execFile);

/** How long a scenario may take; the recorder gives up by itself after 45 seconds. */
const SCENARIO_MS = 120_000;

/** A copy of the recorder that plays its scenarios with ours. */
export interface Recorder {
  /** Records one scenario below `folder`. Returns why it could not be played, if so. */
  record(
    scenario: string,
    compatibility: Compatibility,
    folder: string,
  ): Promise<string | undefined>;
  /** What differs in the shapes of the traces in two folders. */
  shapeDifferences(expected: string, actual: string): readonly string[];
}

/** Copies the recorder into `work`, with its one dependency, and makes `cli` its binary. */
export async function prepareRecorder(work: string, cli: string): Promise<Recorder> {
  const copy = join(work, "recorder");
  await cp(join(RECORDINGS, "recorder"), copy, { recursive: true });
  const modules = join(copy, "node_modules");
  await mkdir(modules);
  const ofServer = createRequire(import.meta.resolve("@codex-ts/responses-server"));
  await symlink(dirname(ofServer.resolve("ws/package.json")), join(modules, "ws"));
  const shape = (await import(pathToFileURL(join(copy, "shape.mjs")).href)) as {
    readonly compare: (expected: string, actual: string) => readonly string[];
  };
  return {
    record: async (scenario, compatibility, folder) => {
      const binary = join(work, `codex-${compatibility}`);
      const recorded = observeRecording(readRecordedScenario(scenario, compatibility));
      const beta = JSON.stringify(betaFeaturesOf(toComparable(recorded)));
      const settings = [`compatibility='${compatibility}'`, `beta_features=${beta}`];
      const words = [process.execPath, cli, ...settings.flatMap((setting) => ["-c", setting])];
      await writeFile(binary, `#!/bin/sh\nexec ${words.map(quoted).join(" ")} "$@"\n`);
      await chmod(binary, 0o700);
      const version = CODEX_VERSIONS[compatibility];
      const target = join(folder, scenario);
      const script = join(copy, "record.mjs");
      const options = ["--codex", binary, "--as-version", version, "--scenario", scenario];
      const places = ["--out", target, "--tmp", join(work, "runs")];
      try {
        await run(process.execPath, [script, ...options, ...places], { timeout: SCENARIO_MS });
        return undefined;
      } catch (error) {
        const { stdout = "", message } = error as Error & { readonly stdout?: string };
        return failureOf(stdout) ?? message;
      }
    },
    shapeDifferences: shape.compare,
  };
}

function failureOf(stdout: string): string | undefined {
  try {
    const result = JSON.parse(stdout) as { readonly failure?: string };
    return result.failure?.slice(0, 500);
  } catch {
    return undefined;
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
