import type { Hunk, PatchCompatibility } from "../patch.ts";
import { PatchError } from "../patch-error.ts";
import { patchText } from "../text/patch-text.ts";
import { type AllowedPaths, allowedEntry, allowedPlace, entryPlace } from "./allowed-paths.ts";
import type { FileChange } from "./file-change.ts";
import { readSource } from "./read-source.ts";
import { UndoLog } from "./undo-log.ts";

/** A file that a patch changed. */
export interface AppliedFile {
  /** Added or overwritten, modified, deleted. */
  readonly status: "A" | "M" | "D";
  /** As the patch has it; of a moved file its new path. */
  readonly path: string;
}

/** A patch that fits the files as they were when it was verified. Get one from `verifyPatch`. */
export class VerifiedPatch {
  /** Its changes, in the order of the patch. */
  readonly changes: readonly FileChange[];
  readonly #hunks: readonly Hunk[];
  readonly #options: AllowedPaths & { directory: string; compatibility: PatchCompatibility };

  /** @internal */
  constructor(
    hunks: readonly Hunk[],
    changes: readonly FileChange[],
    options: AllowedPaths & { directory: string; compatibility: PatchCompatibility },
  ) {
    this.#hunks = hunks;
    this.changes = changes;
    this.#options = options;
  }

  /**
   * Writes the changes, all of them or none, and returns the changed files: the added ones, the modified ones, the deleted ones. Throws a
   * `PatchError`: `write_failed` where the file system refuses or a path leads out of the allowed ones, `unreadable_file` and `no_match`
   * where a file is no longer as it was, each after every file was put back; `undo_failed` where that was not possible.
   */
  async apply(): Promise<readonly AppliedFile[]> {
    const log = new UndoLog();
    try {
      for (const [index, hunk] of this.#hunks.entries()) {
        const change = this.changes[index];
        if (change !== undefined) await this.#applyOne(hunk, change, log);
      }
    } catch (error) {
      await undo(log, error);
      throw error;
    }
    return appliedFiles(this.#hunks);
  }

  async #applyOne(hunk: Hunk, change: FileChange, log: UndoLog): Promise<void> {
    if (change.type === "add") {
      await this.#write(change.path, change.content, log);
    } else if (change.type === "delete") {
      await this.#remove(change.path, log, "delete file");
    } else if (hunk.type === "update") {
      const { path, movePath } = change;
      const content = await this.#newContent(hunk, change);
      const place = await this.#write(movePath ?? path, content, log);
      // A file that is moved to where it is stays: Codex writes it and then removes it.
      if (movePath === undefined || movePath === path || place === (await entryPlace(path))) return;
      await this.#remove(path, log, "remove original");
    }
  }

  /** Computed again where the file has changed since, also by an operation of this patch. */
  async #newContent(
    hunk: Hunk & { type: "update" },
    change: FileChange & { type: "update" },
  ): Promise<string> {
    const { compatibility } = this.#options;
    const content = await readSource(change.path, { for: "update", compatibility });
    if (content === change.oldContent) return change.newContent;
    return patchText(content, hunk.chunks, { path: change.path, compatibility });
  }

  /** Resolves to the place that was written. */
  async #write(path: string, content: string, log: UndoLog): Promise<string> {
    try {
      const place = await allowedPlace(path, this.#options);
      await log.write(path, place, content);
      return place;
    } catch (error) {
      throw writeFailed(`Failed to write file ${path}`, path, error);
    }
  }

  async #remove(path: string, log: UndoLog, what: string): Promise<void> {
    try {
      await log.remove(await allowedEntry(path, this.#options));
    } catch (error) {
      throw writeFailed(`Failed to ${what} ${path}`, path, error);
    }
  }
}

/** Codex's message names the file only; why it failed is the cause. */
function writeFailed(message: string, path: string, cause: unknown): PatchError {
  return new PatchError("write_failed", message, { path, cause });
}

async function undo(log: UndoLog, error: unknown): Promise<void> {
  try {
    await log.undo();
  } catch (failure) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PatchError(
      "undo_failed",
      `${reason}, and files written before could not be restored`,
      {
        path: PatchError.is(error) ? error.path : undefined,
        cause: failure,
      },
    );
  }
}

function appliedFiles(hunks: readonly Hunk[]): AppliedFile[] {
  const files = hunks.map((hunk): AppliedFile => {
    if (hunk.type === "add") return { status: "A", path: hunk.path };
    if (hunk.type === "delete") return { status: "D", path: hunk.path };
    return { status: "M", path: hunk.movePath ?? hunk.path };
  });
  return (["A", "M", "D"] as const).flatMap((status) =>
    files.filter((file) => file.status === status),
  );
}
