import type { CliProcess } from "../cli-process.ts";
import { codexHome } from "../codex-home.ts";
import { type ConfigLayer, type LoadedConfig, loadConfigFor } from "../config-file.ts";
import { type ConfigValue, configValues } from "../config-values.ts";
import type { GlobalOptions } from "../global-options.ts";
import { warnOn } from "../render/warn-on.ts";
import { stripToOneLine } from "../render/strip-control.ts";

interface ConfigShowOptions extends GlobalOptions {
  readonly sources?: boolean;
  readonly json?: boolean;
}

/** `codex-ts config show`: one line per value, as TOML writes it. Exit code 0. */
export function runConfigShow(options: ConfigShowOptions, cliProcess: CliProcess): number {
  const { stdout } = cliProcess;
  const loaded = loadConfigFor(options, codexHome(cliProcess), { cwd: cliProcess.cwd });
  const values = configValues(loaded.values);
  const warn = warnOn(cliProcess.stderr);
  for (const warning of loaded.warnings) warn(warning);
  if (options.json === true) {
    stdout.write(
      `${JSON.stringify(
        values.map((value) => toJson(value, loaded)),
        undefined,
        2,
      )}\n`,
    );
    return 0;
  }
  const lines = values.map(({ key, text }) => stripToOneLine(`${key} = ${text}`));
  const width = Math.min(MAX_WIDTH, Math.max(0, ...lines.map((line) => line.length)));
  for (const [index, line] of lines.entries()) {
    const source = options.sources === true ? sourceText(layerOf(values[index], loaded)) : "";
    stdout.write(source === "" ? `${line}\n` : `${line.padEnd(width)}  # ${source}\n`);
  }
  return 0;
}

/** Longer lines push their source to the right. */
const MAX_WIDTH = 60;

function layerOf(
  value: ConfigValue | undefined,
  { layerOf: find }: LoadedConfig,
): ConfigLayer | undefined {
  return value && find(value.path);
}

function sourceText(layer: ConfigLayer | undefined): string {
  if (layer === undefined) return "";
  return layer.name === "-c" ? "-c" : `${layer.name} ${stripToOneLine(layer.source)}`;
}

function toJson(value: ConfigValue, loaded: LoadedConfig): object {
  const layer = layerOf(value, loaded);
  return {
    path: value.path,
    value: value.shown,
    hidden: value.isHidden,
    layer: layer?.name ?? null,
    source: layer?.source ?? null,
  };
}
