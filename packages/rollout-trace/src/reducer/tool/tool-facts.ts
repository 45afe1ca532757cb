import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";

/** The parts of a tool's invocation payload that later events ask for again. */
export interface ToolInvocation {
  readonly payloadId: string;
  /** Whether parts of it were not recorded. */
  readonly isPartial: boolean;
  readonly toolName: string | null;
  readonly namespace: "none" | "some" | "malformed";
  /** `function`, `custom`, …; `null` when there is none. */
  readonly payloadType: string | null;
  /** Function arguments, when they are a string as they should be. */
  readonly arguments: string | null;
}

/** Facts about a tool call that its public record does not have. */
export interface ToolFacts {
  /** `undefined` when the call has none, or when it could not be read; `"lost"`: it was not recorded. */
  readonly invocation: ToolInvocation | "lost" | undefined;
}

export function toInvocation(
  value: JsonValue,
  { payloadId, isPartial }: Pick<ToolInvocation, "payloadId" | "isPartial">,
): ToolInvocation {
  const invocation = isJsonObject(value) ? value : {};
  const { tool_name: toolName, tool_namespace: namespace } = invocation;
  const body = isJsonObject(invocation["payload"]) ? invocation["payload"] : {};
  return {
    payloadId,
    isPartial,
    toolName: typeof toolName === "string" ? toolName : null,
    namespace: namespaceOf(namespace),
    payloadType: typeof body["type"] === "string" ? body["type"] : null,
    arguments: typeof body["arguments"] === "string" ? body["arguments"] : null,
  };
}

function namespaceOf(value: JsonValue | undefined): ToolInvocation["namespace"] {
  if (value === undefined || value === null) return "none";
  return typeof value === "string" ? "some" : "malformed";
}
