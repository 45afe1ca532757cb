import { join } from "node:path";
import { TomlError, parse } from "smol-toml";
import { type ConfigOverride, type ConfigTable, applyOverrides } from "./config-overrides.ts";
import { type Config, readConfig, unknownKeys } from "./config-schema.ts";
import { CommandError, fileProblem } from "./errors.ts";
import { readPlainFile } from "./read-plain-file.ts";

const CONFIG_FILE = "config.toml";

/** Where the configuration comes from. */
export interface LoadConfigOptions {
  /** Directory that holds `config.toml`; the file may be missing. */
  readonly home: string;
  /** Values of `-c`, which win over the file. */
  readonly overrides: readonly ConfigOverride[];
}

/** The checked configuration and the file it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** Path of the file, whether or not it exists. */
  readonly file: string;
  /** Top-level keys nobody knows: typing mistakes, most likely. */
  readonly unknownKeys: readonly string[];
}

/** Reads `config.toml` and puts the overrides over it. Throws `CommandError` that names file, key and expected shape. */
export function loadConfig({ home, overrides }: LoadConfigOptions): LoadedConfig {
  const file = join(home, CONFIG_FILE);
  const table = applyOverrides(readTable(file), overrides);
  const read = readConfig(table);
  if ("config" in read) return { config: read.config, file, unknownKeys: unknownKeys(table) };
  const { path, expected } = read.problem;
  const source = isOverridden(path, overrides) ? "-c" : file;
  throw new CommandError(`${source}: ${path.join(".")}: ${expected}`);
}

function readTable(file: string): ConfigTable {
  let text: string;
  try {
    text = readPlainFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new CommandError(`${file}: cannot be read: ${fileProblem(error)}`, { cause: error });
  }
  try {
    return parse(text);
  } catch (error) {
    throw tomlProblem(file, error);
  }
}

/** The first line only: the library goes on with a picture of the text, which may hold a key. */
function tomlProblem(file: string, error: unknown): CommandError {
  if (!(error instanceof TomlError)) return new CommandError(`${file}: no valid TOML`);
  const problem = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "") ?? "";
  return new CommandError(`${file}:${error.line}:${error.column}: no valid TOML: ${problem}`);
}

function isOverridden(path: readonly string[], overrides: readonly ConfigOverride[]): boolean {
  return overrides.some((override) => override.path.every((part, index) => part === path[index]));
}
