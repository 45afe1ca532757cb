/** What a verified patch does to one file. Paths are absolute, without `.` and `..`. */
export type FileChange = FileAddition | FileDeletion | FileUpdate;

export interface FileAddition {
  readonly type: "add";
  readonly path: string;
  readonly content: string;
}

export interface FileDeletion {
  readonly type: "delete";
  readonly path: string;
  /** Of the file that is there. */
  readonly content: string;
}

export interface FileUpdate {
  readonly type: "update";
  readonly path: string;
  /** Where the result goes instead of `path`. */
  readonly movePath: string | undefined;
  readonly oldContent: string;
  readonly newContent: string;
}
