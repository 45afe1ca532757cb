import type { CliProcess } from "../cli-process.ts";
import { codexHome } from "../codex-home.ts";
import { loadConfigFor } from "../config-file.ts";
import { FEATURE_NAMES } from "../feature-names.ts";
import { FEATURES_IN_USE, isSwitchedOn } from "../features-in-use.ts";
import type { GlobalOptions } from "../global-options.ts";
import { stripToOneLine } from "../render/strip-control.ts";

/** `codex-ts features list`: three columns, as in Codex. Exit code 0. */
export function runFeaturesList(options: GlobalOptions, cliProcess: CliProcess): number {
  const { config } = loadConfigFor(options, codexHome(cliProcess), { cwd: cliProcess.cwd });
  const set: Readonly<Record<string, unknown>> = config.features ?? {};
  const defaults: Readonly<Record<string, boolean>> = FEATURES_IN_USE;
  const names = [...new Set([...FEATURE_NAMES, ...Object.keys(set)])].toSorted();
  const width = Math.max(...names.map((name) => name.length));
  for (const name of names) {
    const isUsed = Object.hasOwn(defaults, name);
    const isOn = isSwitchedOn(set[name]) ?? (isUsed && defaults[name] === true);
    const use = isUsed ? "used" : "no effect";
    cliProcess.stdout.write(`${stripToOneLine(name).padEnd(width)}  ${use.padEnd(9)}  ${isOn}\n`);
  }
  return 0;
}
