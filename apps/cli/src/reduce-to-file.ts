import {
  type ReduceBundleFileOptions,
  type ReduceBundleOptions,
  type ReducedBundle,
  type ReducedBundleFile,
  StateWriteError,
  type TraceContents,
  openBundle,
  readContents,
  reduceBundle,
  reduceBundleFile,
} from "@codex-ts/rollout-trace";
import { bundleProblem } from "./bundle-path.ts";
import { CommandError, fileProblem } from "./errors.ts";
import { optimizedLate } from "./late-optimization.ts";

/** Reduces a bundle and writes the state as JSON, readable by the user alone. On any problem nothing is written. */
export async function reduceToFile(
  bundlePath: string,
  options: ReduceBundleFileOptions,
): Promise<ReducedBundleFile> {
  try {
    return await optimizedLate(bundlePath, () => reduceBundleFile(bundlePath, options));
  } catch (error) {
    if (!(error instanceof StateWriteError)) throw bundleProblem(bundlePath, error);
    throw new CommandError(`${error.outputPath} cannot be written: ${fileProblem(error.cause)}`, {
      cause: error.cause,
    });
  }
}

/** Reads a bundle with the contents of its requests. Rejects with one line that names it. */
export async function readOrExplain(
  bundlePath: string,
  options: Pick<ReduceBundleOptions, "signal">,
): Promise<TraceContents> {
  try {
    return await optimizedLate(bundlePath, () => readContents(openBundle(bundlePath), options));
  } catch (error) {
    throw bundleProblem(bundlePath, error);
  }
}

/** Reduces a bundle. Rejects with one line that names it. */
export async function reduceOrExplain(
  bundlePath: string,
  options: ReduceBundleOptions,
): Promise<ReducedBundle> {
  try {
    return await optimizedLate(bundlePath, () => reduceBundle(openBundle(bundlePath), options));
  } catch (error) {
    throw bundleProblem(bundlePath, error);
  }
}
