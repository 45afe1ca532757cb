/** A parsed patch. */
export interface Patch {
  /** One for each file, in the order of the patch. Empty for a patch without hunks. */
  readonly hunks: readonly Hunk[];
  /** The environment the patch names as its target; `undefined` where it names none. */
  readonly environmentId: string | undefined;
  /** The patch from its begin line to its end line, without a heredoc around it, lines ended by LF. */
  readonly text: string;
}

/** One file of a patch. Paths are as the patch has them: relative or absolute, unchecked. */
export type Hunk = AddFile | DeleteFile | UpdateFile;

/** Writes a file; one that exists is overwritten. */
export interface AddFile {
  readonly type: "add";
  readonly path: string;
  /** Each line ended by LF. Empty for an empty file. */
  readonly content: string;
}

/** Removes a file. */
export interface DeleteFile {
  readonly type: "delete";
  readonly path: string;
}

/** Changes a text file and, with `movePath`, puts the result there instead. */
export interface UpdateFile {
  readonly type: "update";
  readonly path: string;
  readonly movePath: string | undefined;
  /** At least one, in the order of the file. */
  readonly chunks: readonly Chunk[];
}

/** One place of a file. */
export interface Chunk {
  /** A line somewhere before the place (`@@ line`); `undefined` for none. */
  readonly context: string | undefined;
  /** At least one. */
  readonly lines: readonly ChunkLine[];
  /** Whether the old lines have to be the last ones of the file. */
  readonly isEndOfFile: boolean;
}

/** A line of a chunk, without its mark and line end. */
export interface ChunkLine {
  readonly type: "context" | "added" | "removed";
  readonly text: string;
}

/**
 * The Codex whose rules decide. `0.171` keeps the line ends and the unchanged lines of a file as they are, and takes one operation per
 * file; `0.140` writes LF, writes matched lines as the patch has them, and works operations of one file off one after another.
 */
export type PatchCompatibility = "0.171" | "0.140";
