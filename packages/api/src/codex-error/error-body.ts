import type { JsonObject } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";

/** `error` of a JSON error body, with the members that classify it. */
export interface ErrorBody {
  readonly code: string | undefined;
  readonly type: string | undefined;
  readonly message: string | undefined;
  readonly param: string | undefined;
  readonly raw: JsonObject;
}

/** Anything that is not `{"error": {…}}` counts as no error body; members of another type count as absent. */
export function readErrorBody(text: string | undefined): ErrorBody | undefined {
  if (text === undefined || !text.trimStart().startsWith("{")) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const raw = isJsonObject(parsed) ? parsed["error"] : undefined;
  if (!isJsonObject(raw)) return undefined;
  const member = (name: string): string | undefined => {
    const value = raw[name];
    return typeof value === "string" ? value : undefined;
  };
  return {
    code: member("code"),
    type: member("type"),
    message: member("message"),
    param: member("param"),
    raw,
  };
}
