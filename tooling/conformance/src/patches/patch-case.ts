/** A patch and the files it is applied to. */
export interface PatchCase {
  /** Directory of the case, under the working directory. All paths of the patch lead into it. */
  readonly folder: string;
  /** Files, directories and links of the directory. */
  readonly tree: Tree;
  /** The patch; `{ROOT}` stands for the working directory. */
  readonly patch: string;
}

/** Entries of a directory by relative path, parents first. */
export type Tree = ReadonlyMap<string, Entry>;

/** A file with its bytes as Latin-1, a directory, or a link. */
export type Entry =
  | { readonly type: "file"; readonly bytes: string; readonly mode: number }
  | { readonly type: "directory" }
  | { readonly type: "link"; readonly target: string };

/** What came of a patch. */
export interface PatchOutcome {
  /** What the model is told, without times; `{ROOT}` stands for the working directory. */
  readonly output: string;
  readonly tree: Tree;
}
