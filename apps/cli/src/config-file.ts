import { join } from "node:path";
import { parse } from "smol-toml";
import {
  type ConfigOverride,
  type ConfigTable,
  applyOverrides,
  mergeTables,
  parseOverride,
} from "./config-overrides.ts";
import {
  type Config,
  type UnknownTableKey,
  readConfig,
  unknownKeys,
  unknownTableKeys,
} from "./config-schema.ts";
import { tomlProblem } from "./config-syntax.ts";
import { CommandError, fileProblem } from "./errors.ts";
import type { GlobalOptions } from "./global-options.ts";
import { missingProfile, profileFile, refuseLegacyProfiles } from "./profile.ts";
import { projectWarnings, readProjectFiles } from "./project-layers.ts";
import { clipId } from "./render/clip.ts";
import { readTextFile } from "./read-text-file.ts";

const CONFIG_FILE = "config.toml";
/** Of the machine's owner. Source: Codex 0.140 and 0.171. */
const SYSTEM_FILE = "/etc/codex/config.toml";
/** Longest `config.toml` that is read; real ones have some kilobytes. */
export const MAX_CONFIG_BYTES: number = 1024 * 1024;

/** Where the configuration comes from. */
export interface LoadConfigOptions {
  /** Directory that holds `config.toml`; the file may be missing. */
  readonly home: string;
  /** The file of the machine's owner. Default: none is read. */
  readonly systemFile?: string | undefined;
  /** Where the agent works, absolute: files of its project are read. Default: none are. */
  readonly cwd?: string | undefined;
  /** Default false: `config.toml` is read. */
  readonly ignoresFile?: boolean | undefined;
  /** Name of `-p`: `NAME.config.toml` of the same directory wins over `config.toml`, and has to be there. */
  readonly profile?: string | undefined;
  /** Default false: keys nobody knows are ignored. */
  readonly isStrict?: boolean | undefined;
  /** Values of `-c`, which win over the files. */
  readonly overrides: readonly ConfigOverride[];
}

/** Values that win over those of the layers before. */
export interface ConfigLayer {
  readonly name: "system" | "user" | "profile" | "project" | "-c";
  /** Path of a file; `-c` for what the command line says. */
  readonly source: string;
  readonly table: ConfigTable;
}

/** The checked configuration and where it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** All values of all layers, unchecked. */
  readonly values: ConfigTable;
  /** The layer that decides the value of a key; `undefined`: none has it. */
  readonly layerOf: (path: readonly string[]) => ConfigLayer | undefined;
  /** Path of `config.toml`, whether or not it exists. */
  readonly file: string;
  /** Paths of the files that were read, the weakest first. */
  readonly files: readonly string[];
  /** Where the value of a key comes from: `-c`, or the path of a file. */
  readonly sourceOf: (path: readonly string[]) => string;
  /** Top-level keys nobody knows: typing mistakes, most likely. */
  readonly unknownKeys: readonly string[];
  /** The same in tables. */
  readonly unknownTableKeys: readonly UnknownTableKey[];
  /** Whether a key nobody knows is an error. */
  readonly isStrict: boolean;
  /** Lines about files of the project that are not used, or not wholly. */
  readonly warnings: readonly string[];
}

/**
 * Reads the layers, each over the one before: the system's file, `config.toml`, the profile, the files of the project,
 * the overrides. Throws `CommandError` that names file, key and expected shape.
 */
export function loadConfig({
  home,
  systemFile,
  cwd,
  ignoresFile = false,
  profile,
  isStrict = false,
  overrides,
}: LoadConfigOptions): LoadedConfig {
  const file = join(home, CONFIG_FILE);
  const userLayers = layersOfUser({ home, file, systemFile, ignoresFile, profile });
  const user = userLayers.map(({ table }) => table).reduce(mergeTables, {});
  const project = cwd === undefined ? undefined : readProjectFiles({ cwd, home, user }, readTable);
  const projectLayers = (project?.files ?? []).map(({ source, table }): ConfigLayer => ({
    name: "project",
    source,
    table,
  }));
  const files = [...userLayers, ...projectLayers];
  const layers: readonly ConfigLayer[] = [
    ...files,
    { name: "-c", source: "-c", table: applyOverrides({}, overrides) },
  ];
  for (const { source, table } of layers) refuseLegacyProfiles(source, table);
  const layerOf = (path: readonly string[]): ConfigLayer | undefined =>
    layers.findLast(({ table }) => path.length > 0 && sets(table, path));
  const sourceOf = (path: readonly string[]): string => layerOf(path)?.source ?? file;
  const merged = applyOverrides(files.map(({ table }) => table).reduce(mergeTables, {}), overrides);
  const read = readConfig(merged);
  if ("config" in read) {
    return {
      config: read.config,
      values: merged,
      layerOf,
      file,
      files: files.map(({ source }) => source),
      sourceOf,
      unknownKeys: unknownKeys(merged),
      unknownTableKeys: unknownTableKeys(merged),
      isStrict,
      warnings: project === undefined ? [] : projectWarnings(project, cwd ?? home),
    };
  }
  const { path, expected } = read.problem;
  throw new CommandError(`${sourceOf(path)}: ${clipId(path.join("."))}: ${expected}`);
}

/** The layers that belong to the user, the weakest first. */
function layersOfUser({
  home,
  file,
  systemFile,
  ignoresFile,
  profile,
}: Pick<LoadConfigOptions, "home" | "systemFile" | "ignoresFile" | "profile"> & {
  readonly file: string;
}): readonly ConfigLayer[] {
  const system = systemFile === undefined ? undefined : readTable(systemFile);
  const table = ignoresFile === true ? undefined : readTable(file);
  const layers: readonly ConfigLayer[] = [
    ...(systemFile !== undefined && system !== undefined
      ? [{ name: "system" as const, source: systemFile, table: system }]
      : []),
    ...(table === undefined ? [] : [{ name: "user" as const, source: file, table }]),
  ];
  if (profile === undefined) return layers;
  const source = profileFile(home, profile);
  const ofProfile = readTable(source);
  if (ofProfile !== undefined) return [...layers, { name: "profile", source, table: ofProfile }];
  // A profile of the older form is what the user has in mind.
  refuseLegacyProfiles(file, table ?? {});
  throw missingProfile(home, profile);
}

/** The configuration of a command that works in `cwd`; `overrides` win over its options. */
export function loadConfigFor(
  { config, profile, ignoreUserConfig: ignoresFile, strictConfig: isStrict }: GlobalOptions,
  home: string,
  { overrides = [], cwd }: Pick<Partial<LoadConfigOptions>, "overrides" | "cwd"> = {},
): LoadedConfig {
  return loadConfig({
    home,
    systemFile: process.platform === "win32" ? undefined : SYSTEM_FILE,
    cwd,
    ignoresFile,
    profile,
    isStrict,
    overrides: [...config.map(parseOverride), ...overrides],
  });
}

/** `undefined` when there is no such file. */
function readTable(file: string): ConfigTable | undefined {
  let text: string;
  try {
    text = withLineBreaks(readTextFile(file, { maxBytes: MAX_CONFIG_BYTES }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CommandError(`${file}: cannot be read: ${fileProblem(error)}`, { cause: error });
  }
  try {
    return parse(text);
  } catch (error) {
    throw tomlProblem(file, text, error);
  }
}

/** Some editors end lines with CR alone, which TOML does not know. */
function withLineBreaks(text: string): string {
  return text.includes("\n") ? text : text.replaceAll("\r", "\n");
}

/** Whether a table decides the value at a path: it holds it, or something else in place of a table on the way. */
function sets(table: ConfigTable, path: readonly string[]): boolean {
  let value: unknown = table;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return true;
    if (!Object.hasOwn(value, part)) return false;
    value = (value as ConfigTable)[part];
  }
  return true;
}
