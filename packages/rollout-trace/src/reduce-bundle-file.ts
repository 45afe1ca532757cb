import { join } from "node:path";
import { REDUCED_STATE_FILE } from "./bundle.ts";
import { openBundle } from "./reader/file-source.ts";
import type { TraceDiagnostic } from "./reader/problem.ts";
import { reduceBundle } from "./reduce-bundle.ts";
import type { ReduceBundleOptions } from "./reducer/reduce-bundle.ts";
import { writeReducedState } from "./write-reduced-state.ts";

export interface ReduceBundleFileOptions extends ReduceBundleOptions {
  /** Where the state goes. Default: `state.json` in the bundle. */
  readonly outputPath?: string | undefined;
}

export interface ReducedBundleFile {
  /** The file that was written. */
  readonly outputPath: string;
  readonly diagnostics: readonly TraceDiagnostic[];
}

/**
 * Reduces a bundle folder and writes its state, as {@link reduceBundle} and {@link writeReducedState} do. On any problem
 * nothing is written.
 */
export async function reduceBundleFile(
  bundlePath: string,
  { outputPath = join(bundlePath, REDUCED_STATE_FILE), ...options }: ReduceBundleFileOptions = {},
): Promise<ReducedBundleFile> {
  const { state, diagnostics } = await reduceBundle(openBundle(bundlePath), options);
  writeReducedState(outputPath, state);
  return { outputPath, diagnostics };
}
