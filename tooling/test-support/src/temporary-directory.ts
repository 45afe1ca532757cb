import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryDirectory extends AsyncDisposable {
  /** Absolute path of the directory, which exists and is empty. */
  readonly path: string;
}

/** Makes a directory that is removed with everything in it when disposed. */
export async function temporaryDirectory(prefix = "codex-ts-"): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}
