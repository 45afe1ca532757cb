/** The change of a verified patch to one file. Paths are absolute, without `.` and `..`. */
export type FileChange = FileAddition | FileDeletion | FileUpdate;

/** A new file, or one that is overwritten. */
export interface FileAddition {
  readonly type: "add";
  readonly path: string;
  readonly content: string;
}

/** A file that is removed. */
export interface FileDeletion {
  readonly type: "delete";
  readonly path: string;
  /** Of the file that is there. */
  readonly content: string;
}

/** A file with changed lines, maybe in another place. */
export interface FileUpdate {
  readonly type: "update";
  readonly path: string;
  /** Where the result goes instead of `path`. */
  readonly movePath: string | undefined;
  readonly oldContent: string;
  readonly newContent: string;
}
