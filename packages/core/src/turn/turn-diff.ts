import { createHash } from "node:crypto";
import { isAbsolute, relative, sep } from "node:path";
import { unifiedDiff } from "@codex-ts/apply-patch";
import type { FileChange } from "@codex-ts/apply-patch";

/** A change that was made, with the content of a file that an addition has overwritten. */
export type AppliedChange = FileChange & { readonly overwritten?: string | undefined };

/** A file, as it was before the turn and as its last patch left it; `undefined`: it is not there. */
interface TrackedFile {
  readonly oldPath: string;
  readonly oldContent: string | undefined;
  path: string;
  content: string | undefined;
  /** Its part of the diff, once it was asked for. */
  diff: string | undefined;
}

/** All that the patches of one turn have changed, as one diff in the form of git. */
export class TurnDiff {
  readonly #files: TrackedFile[] = [];

  /** Takes in the changes of a patch, in its order. */
  note(changes: readonly AppliedChange[]): void {
    for (const change of changes) {
      const file = this.#file(change.path, oldContentOf(change));
      file.diff = undefined;
      file.content = newContentOf(change);
      if (change.type === "update" && change.movePath !== undefined) file.path = change.movePath;
    }
  }

  /** The diff, by the path before the turn; `""` when everything is as it was. Paths below `root` are relative. */
  text(root: string): string {
    return this.#files
      .toSorted((one, other) => (one.oldPath < other.oldPath ? -1 : 1))
      .map((file) => (file.diff ??= fileDiff(file, root)))
      .join("");
  }

  #file(path: string, oldContent: string | undefined): TrackedFile {
    const known = this.#files.find((file) => file.path === path);
    if (known !== undefined) return known;
    const file = { oldPath: path, oldContent, path, content: oldContent, diff: undefined };
    this.#files.push(file);
    return file;
  }
}

function oldContentOf(change: AppliedChange): string | undefined {
  switch (change.type) {
    case "add":
      return change.overwritten;
    case "delete":
      return change.content;
    case "update":
      return change.oldContent;
    default:
      return change satisfies never;
  }
}

function newContentOf(change: AppliedChange): string | undefined {
  switch (change.type) {
    case "add":
      return change.content;
    case "delete":
      return undefined;
    case "update":
      return change.newContent;
    default:
      return change satisfies never;
  }
}

function fileDiff({ oldPath, oldContent, path, content }: TrackedFile, root: string): string {
  if (oldContent === content && oldPath === path) return "";
  const [from, to] = [shownPath(oldPath, root), shownPath(path, root)];
  const mode =
    oldContent === undefined
      ? "new file mode 100644\n"
      : content === undefined
        ? "deleted file mode 100644\n"
        : "";
  const names = `--- ${oldContent === undefined ? "/dev/null" : `a/${from}`}\n+++ ${content === undefined ? "/dev/null" : `b/${to}`}\n`;
  const hunks = unifiedDiff(oldContent ?? "", content ?? "");
  return `diff --git a/${from} b/${to}\n${mode}index ${blobId(oldContent)}..${blobId(content)}\n${names}${hunks}`;
}

function shownPath(path: string, root: string): string {
  const below = relative(root, path);
  const isBelow = !isAbsolute(below) && below !== ".." && !below.startsWith(`..${sep}`);
  return isBelow ? below.replaceAll(sep, "/") : path;
}

const NO_BLOB = "0".repeat(40);

/** The id of a content in git. */
function blobId(content: string | undefined): string {
  if (content === undefined) return NO_BLOB;
  const bytes = Buffer.from(content);
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
