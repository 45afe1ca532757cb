import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { INVALID_REQUEST, PARSE_ERROR, RpcError } from "./rpc-error.ts";

/** Identifies a request; each side counts its own. */
export type RequestId = number | string;

/** A message of the client. There is no member `jsonrpc`; one that is sent is ignored, like all that are not known. */
export type ClientMessage =
  | {
      readonly type: "request";
      readonly id: RequestId;
      readonly method: string;
      readonly params: unknown;
    }
  | { readonly type: "notification"; readonly method: string; readonly params: unknown }
  | {
      readonly type: "response";
      readonly id: RequestId;
      readonly outcome: { readonly result: unknown } | { readonly error: unknown };
    }
  | { readonly type: "invalid"; readonly id: RequestId | null; readonly problem: RpcError };

/** Reads one line. Never throws: what is no message is `invalid`, with the id where one can be read. */
export function readMessage(line: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return invalid(null, PARSE_ERROR, `the line is no JSON: ${clip(reason)}`);
  }
  if (!isJsonObject(value)) return invalid(null, INVALID_REQUEST, "the line is no JSON object");
  return toMessage(value);
}

function toMessage(value: JsonObject): ClientMessage {
  const { id, method, params } = value;
  const knownId = isRequestId(id) ? id : null;
  if (typeof method === "string") {
    if (!("id" in value)) return { type: "notification", method, params };
    if (knownId !== null) return { type: "request", id: knownId, method, params };
    return invalid(null, INVALID_REQUEST, "the id is neither an integer nor a text");
  }
  if (method !== undefined) return invalid(knownId, INVALID_REQUEST, "the method is no text");
  if (knownId === null) return invalid(null, INVALID_REQUEST, "the message has no method");
  if ("result" in value) {
    return { type: "response", id: knownId, outcome: { result: value["result"] } };
  }
  if ("error" in value) {
    return { type: "response", id: knownId, outcome: { error: value["error"] } };
  }
  return invalid(knownId, INVALID_REQUEST, "the message has no method, no result and no error");
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === "string" || Number.isSafeInteger(id);
}

function invalid(id: RequestId | null, code: number, message: string): ClientMessage {
  return {
    type: "invalid",
    id,
    problem: new RpcError(code, `Invalid request: ${message}`),
  };
}

/** Parsers repeat what they could not read. */
function clip(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
