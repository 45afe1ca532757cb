import { ThreadError } from "@codex-ts/core";

/** Why a request was refused, as its client reads it. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  /** Of JSON-RPC: -32600, -32602, -32603, -32700. */
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** The code of Codex for nearly every mistake of a client. */
export const INVALID_REQUEST = -32_600;
/** Today's Codex also says so of turns that are not there yet. */
export const UNKNOWN_METHOD = -32_601;
export const INVALID_PARAMS = -32_602;
export const INTERNAL_ERROR = -32_603;
/** A line that is no JSON. Codex ignores it. */
export const PARSE_ERROR = -32_700;

export function invalidRequest(message: string): RpcError {
  return new RpcError(INVALID_REQUEST, message);
}

export function unknownMethod(method: string): RpcError {
  return invalidRequest(`Invalid request: unknown method \`${method.slice(0, 200)}\``);
}

/** A thread whose session file is not there. */
export function noRollout(threadId: string): RpcError {
  return invalidRequest(`no rollout found for thread id ${threadId}`);
}

/** An error of a thread is the client's to mend, and becomes an `RpcError`; any other stays what it is. */
export function toRefusal(error: unknown): unknown {
  return ThreadError.is(error) ? invalidRequest(error.message) : error;
}
