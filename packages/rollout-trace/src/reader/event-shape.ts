import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { unitVariant } from "../json/unit-variant.ts";
import type { PayloadKind, PayloadReference } from "../format/payload.ts";
import type { RawRequester, ToolCallKind, ToolCallSummary } from "../format/raw-event.ts";

/** Thrown by the checks of this folder; the caller adds where it happened. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

type Check = (value: JsonValue | undefined, name: string) => unknown;

export const text = (value: JsonValue | undefined, name: string): string => {
  if (typeof value !== "string") throw new ShapeError(`member ${name} is not a string`);
  return value;
};

export const optional =
  <T>(check: (value: JsonValue | undefined, name: string) => T) =>
  (value: JsonValue | undefined, name: string): T | null =>
    value === undefined || value === null ? null : check(value, name);

export const integer = (value: JsonValue | undefined, name: string): number => {
  if (typeof value !== "number" || !Number.isInteger(value))
    throw new ShapeError(`member ${name} is not an integer`);
  return value;
};

export const count = (value: JsonValue | undefined, name: string): number => {
  const number = integer(value, name);
  if (number < 0) throw new ShapeError(`member ${name} is negative`);
  return number;
};

export const object = (value: JsonValue | undefined, name: string): JsonObject => {
  if (!isJsonObject(value)) throw new ShapeError(`member ${name} is not an object`);
  return value;
};

export const list =
  <T>(check: (value: JsonValue | undefined, name: string) => T) =>
  (value: JsonValue | undefined, name: string): T[] => {
    if (!Array.isArray(value)) throw new ShapeError(`member ${name} is not a list`);
    return (value as JsonValue[]).map((element) => check(element, name));
  };

/** Gives the name that is written here, not the equal one that was read: names that are the same string compare at once. */
const oneOf =
  <T extends string>(...allowed: readonly T[]) =>
  (value: JsonValue | undefined, name: string): T => {
    const found = allowed[allowed.indexOf(value as T)];
    if (found === undefined) throw new ShapeError(`member ${name} has an unknown value`);
    return found;
  };

/** The same for names that are no tags of an object. */
const variantOf = <T extends string>(
  ...allowed: readonly T[]
): ((value: JsonValue | undefined, name: string) => T) => {
  const check = oneOf(...allowed);
  return (value, name) => check(unitVariant(value, isNothing), name);
};

/** The original reads events in two steps, and the second one takes an empty object for nothing. */
function isNothing(held: JsonValue | undefined): boolean {
  return held === null || (isJsonObject(held) && Object.keys(held).length === 0);
}

export const rolloutStatus: Check = variantOf("running", "completed", "failed", "aborted");
export const executionStatus: Check = variantOf(
  "running",
  "completed",
  "failed",
  "cancelled",
  "aborted",
);
export const cellStatus: Check = variantOf(
  "starting",
  "running",
  "yielded",
  "completed",
  "failed",
  "terminated",
);

const payloadKind = variantOf<PayloadKind>(
  "inference_request",
  "inference_response",
  "compaction_request",
  "compaction_checkpoint",
  "compaction_response",
  "tool_invocation",
  "tool_result",
  "tool_runtime_event",
  "terminal_runtime_event",
  "protocol_event",
  "session_metadata",
  "agent_result",
);

export const reference = (value: JsonValue | undefined, name: string): PayloadReference => {
  const members = object(value, name);
  const kind = object(members["kind"], `${name}.kind`);
  return {
    raw_payload_id: text(members["raw_payload_id"], `${name}.raw_payload_id`),
    kind: { type: payloadKind(kind["type"], `${name}.kind.type`) },
    path: text(members["path"], `${name}.path`),
  };
};

const requesterType = oneOf("model", "code_cell");

export const requester = (value: JsonValue | undefined, name: string): RawRequester => {
  const members = object(value, name);
  const type = requesterType(members["type"], `${name}.type`);
  return type === "model"
    ? { type }
    : { type, runtime_cell_id: text(members["runtime_cell_id"], `${name}.runtime_cell_id`) };
};

const toolKindType = oneOf(
  "exec_command",
  "write_stdin",
  "apply_patch",
  "mcp",
  "web",
  "image_generation",
  "spawn_agent",
  "assign_agent_task",
  "send_message",
  "wait_agent",
  "close_agent",
  "other",
);

export const toolKind = (value: JsonValue | undefined, name: string): ToolCallKind => {
  const members = object(value, name);
  const type = toolKindType(members["type"], `${name}.type`);
  if (type === "other") return { type, name: text(members["name"], `${name}.name`) };
  if (type !== "mcp") return { type };
  return {
    type,
    server: text(members["server"], `${name}.server`),
    tool: text(members["tool"], `${name}.tool`),
  };
};

const summaryType = oneOf("terminal", "agent", "wait_agent", "generic");

export const summary = (value: JsonValue | undefined, name: string): ToolCallSummary => {
  const members = object(value, name);
  const type = summaryType(members["type"], `${name}.type`);
  const string = (member: string): string => text(members[member], `${name}.${member}`);
  const stringOrNull = (member: string): string | null =>
    optional(text)(members[member], `${name}.${member}`);
  switch (type) {
    case "terminal":
      return { type, operation_id: string("operation_id") };
    case "agent":
      return {
        type,
        target_agent_path: string("target_agent_path"),
        task_name: stringOrNull("task_name"),
        message_preview: string("message_preview"),
      };
    case "wait_agent":
      return {
        type,
        target_agent_path: stringOrNull("target_agent_path"),
        timeout_ms: optional(count)(members["timeout_ms"], `${name}.timeout_ms`),
      };
    case "generic":
      return {
        type,
        label: string("label"),
        input_preview: stringOrNull("input_preview"),
        output_preview: stringOrNull("output_preview"),
      };
  }
  return type satisfies never;
};

export const anything: Check = (value, name) => {
  if (value === undefined) throw new ShapeError(`member ${name} is missing`);
  return value;
};
