import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { unitVariant } from "../json/unit-variant.ts";
import type {
  PartialCapture,
  PayloadKind,
  PayloadReference,
  ShardedPayloadKind,
} from "../format/payload.ts";
import type {
  CellStatus,
  ExecutionStatus,
  RawRequester,
  RolloutStatus,
  StrippedOutputId,
  ToolCallKind,
  ToolCallSummary,
} from "../format/raw-event.ts";

/** Thrown by the checks of this directory; the caller adds where it happened. */
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

export const anything = (value: JsonValue | undefined, name: string): JsonValue => {
  if (value === undefined) throw new ShapeError(`member ${name} is missing`);
  return value;
};

/** Every name of an enumeration: the compiler misses one that is left out. */
type NamesOf<T extends string> = { readonly [name in T]: true };

/** Returns the name that is written here, not the equal one that was read: names that are the same string compare at once. */
const oneOf = <T extends string>(
  names: NamesOf<T>,
): ((value: JsonValue | undefined, name: string) => T) => {
  const allowed = Object.keys(names) as T[];
  return (value, name) => {
    const found = allowed[allowed.indexOf(value as T)];
    if (found === undefined) throw new ShapeError(`member ${name} has an unknown value`);
    return found;
  };
};

/** The same for names that are no tags of an object. */
const variantOf = <T extends string>(
  names: NamesOf<T>,
): ((value: JsonValue | undefined, name: string) => T) => {
  const check = oneOf(names);
  return (value, name) => check(unitVariant(value, isNothing), name);
};

/** Codex reads events in two steps, and the second one takes an empty object for nothing. */
function isNothing(held: JsonValue | undefined): boolean {
  return held === null || (isJsonObject(held) && Object.keys(held).length === 0);
}

export const rolloutStatus: Check = variantOf<RolloutStatus>({
  running: true,
  completed: true,
  failed: true,
  aborted: true,
});
export const executionStatus: Check = variantOf<ExecutionStatus>({
  running: true,
  completed: true,
  failed: true,
  cancelled: true,
  aborted: true,
});
export const cellStatus: Check = variantOf<CellStatus>({
  starting: true,
  running: true,
  yielded: true,
  completed: true,
  failed: true,
  terminated: true,
});

const FILE_KINDS: NamesOf<Exclude<PayloadKind, ShardedPayloadKind>> = {
  inference_request: true,
  inference_response: true,
  compaction_request: true,
  compaction_checkpoint: true,
  compaction_response: true,
  tool_invocation: true,
  tool_result: true,
  tool_runtime_event: true,
  terminal_runtime_event: true,
  protocol_event: true,
  session_metadata: true,
  agent_result: true,
};

const fileKind = variantOf(FILE_KINDS);

export type ReferenceCheck = (value: JsonValue | undefined, name: string) => PayloadReference;

export const fileReference: ReferenceCheck = (value, name) => {
  const members = object(value, name);
  const kind = object(members["kind"], `${name}.kind`);
  return {
    raw_payload_id: text(members["raw_payload_id"], `${name}.raw_payload_id`),
    kind: { type: fileKind(kind["type"], `${name}.kind.type`) },
    path: text(members["path"], `${name}.path`),
  };
};

const shardedKind = variantOf<PayloadKind>({
  ...FILE_KINDS,
  prepared_prompt: true,
  model_item: true,
  content_value: true,
  warmup_context: true,
});

const captureStatus = oneOf<PartialCapture["status"] | "complete">({
  complete: true,
  truncated: true,
  omitted: true,
});

/** A capture that reports no loss reads as an absent one. */
const capture = (value: JsonValue | undefined, name: string): PartialCapture | undefined => {
  if (value === undefined) return undefined;
  const members = object(value, name);
  const status = captureStatus(members["status"], `${name}.status`);
  if (status === "complete") return undefined;
  const original_bytes = count(members["original_bytes"], `${name}.original_bytes`);
  if (status === "omitted") return { status, original_bytes };
  const retained_bytes = count(members["retained_bytes"], `${name}.retained_bytes`);
  return { status, original_bytes, retained_bytes };
};

/** As deep as a line of the log can nest them. */
const MAX_PART_LEVELS = 64;

const referenceAt = (
  value: JsonValue | undefined,
  name: string,
  level: number,
): PayloadReference => {
  const members = object(value, name);
  const kind = object(members["kind"], `${name}.kind`);
  const shard = members["shard"];
  const part = members["parts"];
  const cut = capture(members["capture"], `${name}.capture`);
  const reference = {
    raw_payload_id: text(members["raw_payload_id"], `${name}.raw_payload_id`),
    kind: { type: shardedKind(kind["type"], `${name}.kind.type`) },
    shard: shard === undefined || shard === null ? null : count(shard, `${name}.shard`),
  };
  // Nearly all have neither.
  if (cut === undefined && part === undefined) return reference;
  const parts = part === undefined ? [] : partsAt(part, `${name}.parts`, level + 1);
  return {
    ...reference,
    ...(cut === undefined ? {} : { capture: cut }),
    ...(parts.length === 0 ? {} : { parts }),
  };
};

function partsAt(value: JsonValue, name: string, level: number): readonly PayloadReference[] {
  if (level > MAX_PART_LEVELS) throw new ShapeError(`member ${name} is nested too deeply`);
  return list((part, partName) => referenceAt(part, partName, level))(value, name);
}

export const shardReference: ReferenceCheck = (value, name) => referenceAt(value, name, 0);

export const strippedOutputId = (value: JsonValue | undefined, name: string): StrippedOutputId => {
  const pair = list(anything)(value, name) as readonly JsonValue[];
  if (pair.length !== 2) throw new ShapeError(`member ${name} is not a pair`);
  return [count(pair[0], name), text(pair[1], name)];
};

const requesterType = oneOf<RawRequester["type"]>({ model: true, code_cell: true });

export const requester = (value: JsonValue | undefined, name: string): RawRequester => {
  const members = object(value, name);
  const type = requesterType(members["type"], `${name}.type`);
  return type === "model"
    ? { type }
    : { type, runtime_cell_id: text(members["runtime_cell_id"], `${name}.runtime_cell_id`) };
};

const toolKindType = oneOf<ToolCallKind["type"]>({
  exec_command: true,
  write_stdin: true,
  apply_patch: true,
  mcp: true,
  web: true,
  image_generation: true,
  spawn_agent: true,
  assign_agent_task: true,
  send_message: true,
  wait_agent: true,
  close_agent: true,
  other: true,
});

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

const summaryType = oneOf<ToolCallSummary["type"]>({
  terminal: true,
  agent: true,
  wait_agent: true,
  generic: true,
});

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
