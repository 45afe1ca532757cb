/**
 * Kinds of failures:
 * - `invalid_patch`: the text is no patch, or its operations contradict each other;
 * - `unreadable_file`: a file to update or delete is missing, no file, or no UTF-8 text;
 * - `no_match`: the file does not have the lines the patch expects;
 * - `path_not_allowed`: a path outside the directories that may be written;
 * - `write_failed`: the file system refused; what was written before was undone;
 * - `undo_failed`: it refused, and undoing failed as well: `cause` says of which files;
 * - `not_expressible`: no patch can make the file what it is to become.
 */
export type PatchErrorCode =
  | "invalid_patch"
  | "unreadable_file"
  | "no_match"
  | "path_not_allowed"
  | "write_failed"
  | "undo_failed"
  | "not_expressible";

const BRAND = Symbol.for("codex-ts.error.PatchError");

/** The one error of this package. Its message is Codex's and fit to be shown to a model; it has several lines for `no_match`. */
export class PatchError extends Error {
  override readonly name: string = "PatchError";
  readonly code: PatchErrorCode;
  /** The file, absolute; for `invalid_patch` only where one is to blame. */
  readonly path: string | undefined;
  /** For `invalid_patch` the line of the patch, counted from 1 with the begin line as 1, where one is to blame. */
  readonly line: number | undefined;

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(
    code: PatchErrorCode,
    message: string,
    options: {
      readonly path?: string | undefined;
      readonly line?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.path = options.path;
    this.line = options.line;
  }

  /** True for a `PatchError` of any copy of this package. */
  static is(error: unknown): error is PatchError {
    return typeof error === "object" && error !== null && BRAND in error;
  }
}
