import { statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { openBundle } from "@codex-ts/rollout-trace";
import { renderTraceHtml } from "@codex-ts/trace-viewer";
import type { RenderTraceOptions } from "@codex-ts/trace-viewer";
import { bundleProblem } from "./bundle-path.ts";
import { CommandError, fileProblem } from "./errors.ts";

/** Writes the page of a bundle as {@link writeHtml} does. */
export function writePage(
  bundle: string,
  output: string,
  options: RenderTraceOptions,
): Promise<number> {
  return writeHtml(output, piecesOf(bundle, options));
}

/**
 * Writes a page, readable by the user alone: it has everything the bundle has. On any problem what was there before
 * stays. A terminal, a pipe or another device (`/dev/stdout`) is written to: no file must take its place. Returns the size
 * in bytes.
 */
export async function writeHtml(
  output: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  // In the same directory, so that it can be moved into its place in one step.
  const draft = isDevice(output) ? undefined : join(dirname(output), `.${randomUUID()}.html`);
  try {
    const file = await (draft === undefined ? open(output, "w") : open(draft, "wx", 0o600));
    try {
      let bytes = 0;
      for await (const piece of pieces) {
        await file.writeFile(piece);
        bytes += piece.length;
      }
      await file.close();
      if (draft !== undefined) await rename(draft, output);
      return bytes;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (draft !== undefined) await rm(draft, { force: true });
    if ((error as NodeJS.ErrnoException | null)?.syscall === undefined) throw error;
    throw new CommandError(`${output} cannot be written: ${fileProblem(error)}`, { cause: error });
  }
}

/** Problems of the bundle name it, so that they differ from those of writing. */
async function* piecesOf(bundle: string, options: RenderTraceOptions): AsyncGenerator<Uint8Array> {
  try {
    yield* renderTraceHtml(openBundle(bundle), options);
  } catch (error) {
    throw bundleProblem(bundle, error);
  }
}

function isDevice(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isDirectory();
}
