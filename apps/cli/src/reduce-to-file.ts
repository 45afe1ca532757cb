import { join } from "node:path";
import {
  REDUCED_STATE_FILE,
  type ReduceBundleOptions,
  type ReducedBundle,
  openBundle,
  reduceBundle,
  writeReducedState,
} from "@codex-ts/rollout-trace";
import { bundleProblem } from "./bundle-path.ts";
import { CommandError, fileProblem } from "./errors.ts";

export interface ReduceToFileOptions extends ReduceBundleOptions {
  /** Default: `state.json` in the bundle. */
  readonly outputFile?: string;
}

/** Reduces a bundle and writes the state as JSON, readable by the user alone. On any problem nothing is written. */
export async function reduceToFile(
  bundlePath: string,
  { outputFile = join(bundlePath, REDUCED_STATE_FILE), ...options }: ReduceToFileOptions,
): Promise<ReducedBundle & { readonly outputFile: string }> {
  const reduced = await reduceOrExplain(bundlePath, options);
  try {
    writeReducedState(outputFile, reduced.state);
  } catch (error) {
    throw new CommandError(`${outputFile} cannot be written: ${fileProblem(error)}`, {
      cause: error,
    });
  }
  return { ...reduced, outputFile };
}

/** Reduces a bundle. Rejects with one line that names it. */
export async function reduceOrExplain(
  bundlePath: string,
  options: ReduceBundleOptions,
): Promise<ReducedBundle> {
  try {
    return await reduceBundle(openBundle(bundlePath), options);
  } catch (error) {
    throw bundleProblem(bundlePath, error);
  }
}
