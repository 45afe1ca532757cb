const BRAND = Symbol.for("codex-ts.error.TraceError");

/**
 * Base of every error this package throws. Use {@link TraceError.is} across packages: two copies may be installed.
 * Recording never throws into the code it observes; only making a bundle can (`TraceWriteError`).
 */
export abstract class TraceError extends Error {
  /** For switches and logs; one literal per subclass. */
  abstract readonly code: string;

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  /** Whether `error` is a `TraceError`, also one made by another copy of this package. */
  static is(error: unknown): error is TraceError {
    return typeof error === "object" && error !== null && BRAND in error;
  }
}

/** A bundle could not be made: the directory is missing, read-only, full, or the bundle exists already. */
export class TraceWriteError extends TraceError {
  override readonly name = "TraceWriteError";
  readonly code = "trace_write_failed";
  /** The bundle directory that was to be made. */
  readonly bundlePath: string;

  constructor(bundlePath: string, cause: unknown) {
    super(`create trace bundle ${bundlePath}: ${messageOf(cause)}`, { cause });
    this.bundlePath = bundlePath;
  }
}

/** A bundle was reduced, but its state could not be written; nothing of it was left. `cause` is the file system's error. */
export class StateWriteError extends TraceError {
  override readonly name = "StateWriteError";
  readonly code = "state_write_failed";
  /** The file that was to be written. */
  readonly outputPath: string;

  constructor(outputPath: string, cause: unknown) {
    super(`write reduced state ${outputPath}: ${messageOf(cause)}`, { cause });
    this.outputPath = outputPath;
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
