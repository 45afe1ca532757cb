import { randomUUID } from "node:crypto";
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  REDUCED_STATE_FILE,
  type ReduceBundleOptions,
  type ReducedBundle,
  openBundle,
  reduceBundle,
} from "@codex-ts/rollout-trace";
import { CommandError, fileProblem } from "./errors.ts";

export interface ReduceToFileOptions extends ReduceBundleOptions {
  /** Default: `state.json` in the bundle. */
  readonly outputFile?: string;
}

/** Reduces a bundle and writes the state as JSON, readable by the user alone. On any problem nothing is written. */
export async function reduceToFile(
  bundlePath: string,
  { outputFile: givenFile, ...options }: ReduceToFileOptions,
): Promise<ReducedBundle & { readonly outputFile: string }> {
  const outputFile = givenFile ?? join(bundlePath, REDUCED_STATE_FILE);
  const reduced = await reduceBundle(openBundle(bundlePath), options);
  const text = `${JSON.stringify(reduced.state, undefined, 2)}\n`;
  try {
    if (givenFile !== undefined && isDevice(givenFile)) writeFileSync(givenFile, text);
    else writeWhole(outputFile, text);
  } catch (error) {
    throw new CommandError(`${outputFile} cannot be written: ${fileProblem(error)}`, {
      cause: error,
    });
  }
  return { ...reduced, outputFile };
}

/** A terminal or pipe (`/dev/stdout`) is written to; a file of its name must not take its place. */
function isDevice(file: string): boolean {
  const status = statSync(file, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isDirectory();
}

/** Written beside and moved, so that nobody reads half a state and a link in a bundle is replaced, not followed. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: "wx" });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
