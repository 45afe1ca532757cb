import { resolve } from "node:path";
import type { Hunk, Patch, PatchCompatibility } from "../patch.ts";
import { PatchError } from "../patch-error.ts";
import { invalidPatch } from "../parse/parse-errors.ts";
import { parsePatch } from "../parse/parse-patch.ts";
import { patchText } from "../text/patch-text.ts";
import { type AllowedPaths, isAllowed } from "./allowed-paths.ts";
import type { FileChange } from "./file-change.ts";
import { readSource } from "./read-source.ts";
import { VerifiedPatch } from "./verified-patch.ts";

/** Options of `verifyPatch` and `applyPatch`. */
export interface ApplyOptions extends AllowedPaths {
  /** Absolute directory that relative paths of the patch start from. */
  readonly directory: string;
  /** Default `0.171`. */
  readonly compatibility?: PatchCompatibility;
}

/**
 * Computes what a patch will do, from the files as they are now. Nothing is written. Throws a `PatchError`: `invalid_patch`,
 * `unreadable_file`, `no_match`, or `path_not_allowed` for a path that `roots` and `protectedNames` exclude as it is written.
 */
export async function verifyPatch(
  patch: Patch | string,
  options: ApplyOptions,
): Promise<VerifiedPatch> {
  const { hunks } = typeof patch === "string" ? parsePatch(patch) : patch;
  const { directory, compatibility = "0.171" } = options;
  const changes: FileChange[] = [];
  const targets = new Set<string>();
  for (const hunk of hunks) {
    const path = resolve(directory, hunk.path);
    if (compatibility !== "0.140") checkTarget(hunk.path, path, targets);
    targets.add(path);
    changes.push(await changeOf(hunk, path, { ...options, compatibility }));
  }
  for (const change of changes) checkAllowed(change, options);
  return new VerifiedPatch(hunks, changes, { ...options, compatibility });
}

async function changeOf(
  hunk: Hunk,
  path: string,
  { directory, compatibility }: { directory: string; compatibility: PatchCompatibility },
): Promise<FileChange> {
  if (hunk.type === "add") return { type: "add", path, content: hunk.content };
  const content = await readSource(path, { for: hunk.type, compatibility });
  if (hunk.type === "delete") return { type: "delete", path, content };
  return {
    type: "update",
    path,
    movePath: hunk.movePath === undefined ? undefined : resolve(directory, hunk.movePath),
    oldContent: content,
    newContent: patchText(content, hunk.chunks, { path, compatibility }),
  };
}

/** One operation per file: 0.140 worked them off one after another, and what came of it depended on the order. */
function checkTarget(written: string, path: string, targets: ReadonlySet<string>): void {
  if (written.includes("\0")) {
    throw new PatchError("invalid_patch", `'${written}' is invalid on '${process.platform}'`, {
      path,
    });
  }
  if (targets.has(path)) throw invalidPatch(`multiple operations target ${path}`, path);
}

function checkAllowed(change: FileChange, allowed: AllowedPaths): void {
  const written = change.type === "update" ? change.movePath : undefined;
  for (const path of [change.path, ...(written === undefined ? [] : [written])]) {
    if (!isAllowed(path, allowed))
      throw new PatchError(
        "path_not_allowed",
        `${path} is outside of the directories that may be written`,
        { path },
      );
  }
}
