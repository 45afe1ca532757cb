const brand = Symbol.for("codex-ts.error.CoreError");

/** Why a call of this package was refused. */
export type CoreErrorCode = "invalid_option" | "turn_running" | "thread_closed" | "tool_failed";

/**
 * Base class of what this package throws. Failures of requests, tools and recordings are events of a turn instead; see
 * `TurnFailure`.
 */
export abstract class CoreError extends Error {
  abstract readonly code: CoreErrorCode;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** True for errors of this package, also of another installed copy of it. */
  static is(error: unknown): error is CoreError {
    return typeof error === "object" && error !== null && brand in error;
  }
}

/** A thread cannot be used like this: an option that cannot work, two turns at once, a turn after `close`. */
export class ThreadError extends CoreError {
  override readonly name: string = "ThreadError";
  readonly code: Exclude<CoreErrorCode, "tool_failed">;

  constructor(code: Exclude<CoreErrorCode, "tool_failed">, message: string) {
    super(message);
    this.code = code;
  }
}
