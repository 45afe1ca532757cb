const BRAND = Symbol.for("codex-ts.error.CoreError");

/** Reason why a call of this package was refused. */
export type CoreErrorCode =
  | "invalid_option"
  | "turn_running"
  | "thread_closed"
  | "turn_not_found"
  | "session_not_found"
  | "session_archived"
  | "session_in_use"
  | "session_unreadable"
  | "mcp_server_missing"
  | "tool_failed"
  | TurnLimitCode
  | "compaction_unusable";

/**
 * Base class of what this package throws. Failures of requests, tools and recordings are events of a turn instead; see
 * `TurnFailure`.
 */
export abstract class CoreError extends Error {
  abstract readonly code: CoreErrorCode;

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  /** True for errors of this package, also of another installed copy of it. */
  static is(error: unknown): error is CoreError {
    return typeof error === "object" && error !== null && BRAND in error;
  }
}

type ThreadErrorCode = Extract<
  CoreErrorCode,
  | "invalid_option"
  | "turn_running"
  | "turn_not_found"
  | "thread_closed"
  | "mcp_server_missing"
  | `session_${string}`
>;

/** The response to a compaction is not a compacted history. Trying again does not help. */
export class CompactionError extends CoreError {
  override readonly name: string = "CompactionError";
  readonly code = "compaction_unusable";
  /** `x-request-id` of the response; `undefined` when it had none, as over WebSocket. */
  readonly upstreamRequestId: string | undefined;
  /** `response.id` of the response. Never the upstream request id. */
  readonly responseId: string | undefined;

  constructor(
    message: string,
    facts: {
      readonly upstreamRequestId?: string | undefined;
      readonly responseId?: string | undefined;
    } = {},
  ) {
    super(message);
    this.upstreamRequestId = facts.upstreamRequestId;
    this.responseId = facts.responseId;
  }
}

/** Which limit ended a turn: the two of `ThreadOptions`, or that of follow-ups without output. */
export type TurnLimitCode = "stream_max_duration" | "turn_max_requests" | "no_output";

/** A limit of this side ended a turn that a server would have kept going. */
export class TurnLimitError extends CoreError {
  override readonly name: string = "TurnLimitError";
  readonly code: TurnLimitCode;

  constructor(code: TurnLimitCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * A thread cannot be used like this: an option that cannot work, two turns at once, a turn after `close`, a session that
 * cannot be resumed.
 */
export class ThreadError extends CoreError {
  override readonly name: string = "ThreadError";
  readonly code: ThreadErrorCode;

  constructor(code: ThreadErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
