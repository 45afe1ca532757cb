import type { CliProcess } from "../cli-process.ts";
import { codexHome } from "../codex-home.ts";
import { loadConfigFor } from "../config-file.ts";
import { FEATURE_NAMES } from "../feature-names.ts";
import type { GlobalOptions } from "../global-options.ts";
import { stripToOneLine } from "../render/strip-control.ts";

/** Switches that change something here, and how they are when nobody has set them. */
const USED: Readonly<Record<string, boolean>> = {
  code_mode: false,
  code_mode_only: false,
  multi_agent: false,
  multi_agent_v2: false,
  remote_compaction_v2: true,
};

/** `codex-ts features list`: three columns, as in Codex. Exit code 0. */
export function runFeaturesList(options: GlobalOptions, cliProcess: CliProcess): number {
  const { config } = loadConfigFor(options, codexHome(cliProcess), { cwd: cliProcess.cwd });
  const set: Readonly<Record<string, unknown>> = config.features ?? {};
  const names = [...new Set([...FEATURE_NAMES, ...Object.keys(set)])].toSorted();
  const width = Math.max(...names.map((name) => name.length));
  for (const name of names) {
    const isKnown = Object.hasOwn(USED, name);
    const isOn = isSwitchedOn(set[name]) ?? (isKnown && USED[name] === true);
    const use = isKnown ? "used" : "no effect";
    cliProcess.stdout.write(`${stripToOneLine(name).padEnd(width)}  ${use.padEnd(9)}  ${isOn}\n`);
  }
  return 0;
}

/** A table switches a feature on by its member `enabled`. */
function isSwitchedOn(value: unknown): boolean | undefined {
  if (typeof value !== "object" || value === null)
    return value === undefined ? undefined : value === true;
  return (value as { readonly enabled?: unknown }).enabled === true;
}
