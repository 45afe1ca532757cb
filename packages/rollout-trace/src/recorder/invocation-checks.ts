import { isJsonObject, type JsonObject, type JsonValue } from "@codex-ts/protocol";
import type { BundleRecorder } from "./bundle-recorder.ts";
import type { ToolInvocation, ToolInvocationPayload } from "./tool-invocation.ts";

/**
 * Whether Codex's reducer accepts this invocation as a payload. Models write arguments that it stops at; such a call is
 * recorded without its invocation, so that the rest of the bundle can still be read.
 * Source: docs/behavior/rollout-trace.md 7.8, 7.9.
 */
export function isReducibleInvocation(
  bundle: BundleRecorder,
  threadId: string,
  invocation: ToolInvocation,
): boolean {
  switch (invocation.toolName) {
    case "wait":
      return typeof functionArguments(invocation.payload)?.["cell_id"] === "string";
    case "write_stdin":
      if (invocation.payload.type !== "function") return false;
      return (
        !bundle.rules.tools.requireStdinArguments ||
        isStdinInput(bundle, threadId, invocation.payload)
      );
    default:
      return true;
  }
}

/** Whether the arguments are such that a reducer which requires them takes them. */
function isStdinInput(
  bundle: BundleRecorder,
  threadId: string,
  payload: ToolInvocationPayload,
): boolean {
  const input = functionArguments(payload);
  if (input === undefined) return false;
  const session = input["session_id"];
  const isSession = typeof session === "number" || (typeof session === "string" && session !== "");
  if (!isSession) return false;
  const chars = input["chars"];
  if (chars !== undefined && typeof chars !== "string") return false;
  if (!isCount(input["yield_time_ms"]) || !isCount(input["max_output_tokens"])) return false;
  return bundle.ownsProcess(threadId, String(session));
}

function isCount(value: JsonValue | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    (typeof value === "number" && Number.isInteger(value) && value >= 0)
  );
}

/** Whether the arguments hold the `message` text from which an agent activity is reduced. */
export function hasAgentMessage(payload: ToolInvocationPayload): boolean {
  return typeof functionArguments(payload)?.["message"] === "string";
}

function functionArguments(payload: ToolInvocationPayload): JsonObject | undefined {
  if (payload.type !== "function") return undefined;
  try {
    const value: unknown = JSON.parse(payload.arguments);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
