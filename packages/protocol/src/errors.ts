const BRAND = Symbol.for("codex-ts.error.ProtocolError");

/** Kinds of texts that are none of this package's identifiers or settings. */
export type ProtocolErrorCode =
  | "invalid_thread_id"
  | "invalid_window_id"
  | "invalid_agent_path"
  | "invalid_reasoning_effort"
  | "invalid_session_source";

/**
 * Thrown by the `parse…` functions of this package. The `read…` functions never throw; they return `undefined`.
 *
 * Use {@link ProtocolError.is} rather than `instanceof` when two copies of the package may be installed.
 */
export class ProtocolError extends Error {
  override readonly name: string = "ProtocolError";
  readonly code: ProtocolErrorCode;

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  /** True for a `ProtocolError` of any copy of this package. */
  static is(error: unknown): error is ProtocolError {
    return typeof error === "object" && error !== null && BRAND in error;
  }
}
