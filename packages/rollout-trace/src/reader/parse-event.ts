import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { PayloadReference } from "../format/payload.ts";
import type { RawTraceEvent, RawTraceEventPayload } from "../format/raw-event.ts";
import {
  anything,
  cellStatus,
  count,
  executionStatus,
  integer,
  list,
  object,
  fileReference,
  optional,
  requester,
  rolloutStatus,
  ShapeError,
  shardReference,
  strippedOutputId,
  summary,
  text,
  toolKind,
} from "./event-shape.ts";
import type { ReferenceCheck } from "./event-shape.ts";
import { hasMember } from "../schema/schema-rules.ts";
import type { SchemaRules } from "../schema/schema-rules.ts";

type Check = (value: JsonValue | undefined, name: string) => unknown;
type EventType = RawTraceEventPayload["type"];
/** Names of the members that an event has beside its type. */
type MemberOf<Type extends EventType, Payload = RawTraceEventPayload> = Payload extends {
  readonly type: infer Types;
}
  ? Type extends Types
    ? Exclude<keyof Payload, "type">
    : never
  : never;

const TEXT_OR_NULL = optional(text);

type EventMembers = {
  readonly [type in EventType]: { readonly [member in MemberOf<type>]: Check };
};

/** The members of every event type, with the check each must pass. Source: docs/behavior/rollout-trace.md 3. */
function membersWith(reference: ReferenceCheck): EventMembers {
  const referenceOrNull = optional(reference);
  const cellResponse = {
    runtime_cell_id: text,
    status: cellStatus,
    response_payload: referenceOrNull,
  };
  return {
    rollout_started: { trace_id: text, root_thread_id: text },
    rollout_ended: { status: rolloutStatus },
    recording_completed: {},
    thread_started: { thread_id: text, agent_path: text, metadata_payload: referenceOrNull },
    thread_ended: { thread_id: text, status: rolloutStatus },
    thread_resumed: { thread_id: text },
    codex_turn_started: { codex_turn_id: text, thread_id: text },
    codex_turn_ended: { codex_turn_id: text, status: executionStatus },
    history_item_accepted: {
      item_id: text,
      agent_message_payload: referenceOrNull,
      tool_output_payload: referenceOrNull,
    },
    inference_started: {
      inference_call_id: text,
      thread_id: text,
      codex_turn_id: text,
      model: text,
      provider_name: text,
      request_payload: reference,
      prepared_prompt_payload: reference,
      warmup_context_payload: referenceOrNull,
      stripped_tool_output_ids: optional(list(strippedOutputId)),
    },
    inference_completed: {
      inference_call_id: text,
      response_id: TEXT_OR_NULL,
      upstream_request_id: TEXT_OR_NULL,
      response_payload: reference,
    },
    inference_failed: {
      inference_call_id: text,
      upstream_request_id: TEXT_OR_NULL,
      error: text,
      partial_response_payload: referenceOrNull,
    },
    inference_cancelled: {
      inference_call_id: text,
      upstream_request_id: TEXT_OR_NULL,
      reason: text,
      partial_response_payload: referenceOrNull,
    },
    tool_call_started: {
      tool_call_id: text,
      model_visible_call_id: TEXT_OR_NULL,
      code_mode_runtime_tool_id: TEXT_OR_NULL,
      requester,
      kind: toolKind,
      summary,
      invocation_payload: referenceOrNull,
    },
    mcp_tool_call_correlation_assigned: { tool_call_id: text, mcp_call_id: text },
    stdin_target_resolved: { tool_call_id: text, exec_tool_call_id: text },
    tool_call_runtime_started: { tool_call_id: text, kind: toolKind, runtime_payload: reference },
    tool_call_runtime_ended: {
      tool_call_id: text,
      status: executionStatus,
      runtime_payload: reference,
    },
    tool_call_ended: {
      tool_call_id: text,
      status: executionStatus,
      result_payload: referenceOrNull,
    },
    code_cell_started: { runtime_cell_id: text, model_visible_call_id: text, source_js: text },
    code_cell_wait_target_resolved: { tool_call_id: text, runtime_cell_id: text },
    code_cell_initial_response: cellResponse,
    code_cell_ended: cellResponse,
    compaction_request_started: {
      compaction_id: text,
      compaction_request_id: text,
      thread_id: text,
      codex_turn_id: text,
      model: text,
      provider_name: text,
      request_payload: reference,
    },
    compaction_request_completed: {
      compaction_id: text,
      compaction_request_id: text,
      response_payload: reference,
    },
    compaction_request_failed: { compaction_id: text, compaction_request_id: text, error: text },
    compaction_installed: { compaction_id: text, checkpoint_payload: reference },
    agent_result_observed: {
      edge_id: text,
      child_thread_id: text,
      child_codex_turn_id: text,
      parent_thread_id: text,
      message: text,
      carried_payload: referenceOrNull,
    },
    protocol_event_observed: { event_type: text, event_payload: reference },
    other: { kind: text, summary: text, payloads: list(reference), metadata: anything },
  };
}

const FILE_MEMBERS = membersWith(fileReference);

interface PayloadShape {
  /** The very string the reducer compares with, so that it is found at once. */
  readonly type: string;
  readonly names: readonly string[];
  /** One for each name. */
  readonly checks: readonly Check[];
}

/** Shapes of the events that a schema has, by type. */
export type EventShapes = ReadonlyMap<string, PayloadShape>;

export function eventShapesOf(rules: SchemaRules): EventShapes {
  const all = rules.container === "files" ? FILE_MEMBERS : membersWith(shardReference);
  const types = (Object.keys(all) as EventType[]).filter((type) => rules.log.events[type]);
  return new Map(
    types.map((type) => {
      const members = Object.entries<Check>(all[type]).filter(([name]) =>
        hasMember(rules, type, name),
      );
      const names = members.map(([name]) => name);
      return [type, { type, names, checks: members.map(([, check]) => check) }];
    }),
  );
}

/** The members of an event around its payload. */
export const ENVELOPE_MEMBER_NAMES: ReadonlySet<string> = new Set(
  "schema_version seq wall_time_unix_ms rollout_id thread_id codex_turn_id payload".split(" "),
);

/** Names of kinds, requesters, summaries and what all references have. */
const NESTED_MEMBER_NAMES: ReadonlySet<string> = new Set(
  (
    "type raw_payload_id kind server tool name operation_id runtime_cell_id target_agent_path task_name " +
    "message_preview timeout_ms label input_preview output_preview"
  ).split(" "),
);
const NESTED_IN_CONTAINER: { readonly [container in Container]: ReadonlySet<string> } = {
  files: new Set(["path"]),
  shards: new Set(["shard", "capture", "parts", "status", "original_bytes", "retained_bytes"]),
};

type Container = SchemaRules["container"];

/** Whether a member of an event is read, given the names of the members that hold it. All others are passed over. */
export function isReadMember(
  name: string,
  path: readonly string[],
  eventType: string,
  rules: SchemaRules,
): boolean {
  const [outer, inner] = path;
  if (outer === undefined) return ENVELOPE_MEMBER_NAMES.has(name);
  if (outer !== "payload") return false;
  const type = eventType as EventType;
  const hasRead = (member: string): boolean =>
    Object.hasOwn(FILE_MEMBERS, type) &&
    Object.hasOwn(FILE_MEMBERS[type], member) &&
    hasMember(rules, type, member);
  if (inner === undefined) return name === "type" || hasRead(name);
  const isNested = NESTED_MEMBER_NAMES.has(name) || NESTED_IN_CONTAINER[rules.container].has(name);
  return hasRead(inner) && isNested;
}

/** The event type is not one this schema knows. */
export class UnknownEventTypeError extends ShapeError {
  readonly eventType: string;

  constructor(eventType: string) {
    super("unknown event type");
    this.eventType = eventType;
  }
}

/** The version an event claims, before anything else of it is looked at. */
export function claimedSchema(value: JsonValue): JsonValue | undefined {
  return isJsonObject(value) ? value["schema_version"] : undefined;
}

/**
 * Checks one parsed line and returns it with exactly the members the format has; unknown members are dropped. Throws
 * {@link ShapeError}, or {@link UnknownEventTypeError} for a type that has no shape.
 */
export function parseEvent(value: JsonValue, shapes: EventShapes): RawTraceEvent {
  const members = object(value, "event");
  return {
    schema_version: version(members["schema_version"]),
    seq: count(members["seq"], "seq"),
    wall_time_unix_ms: integer(members["wall_time_unix_ms"], "wall_time_unix_ms"),
    rollout_id: text(members["rollout_id"], "rollout_id"),
    thread_id: TEXT_OR_NULL(members["thread_id"], "thread_id"),
    codex_turn_id: TEXT_OR_NULL(members["codex_turn_id"], "codex_turn_id"),
    payload: parsePayload(members["payload"], shapes),
  };
}

/** Codex keeps it in 32 bits, and refuses what does not fit before it looks at the number. */
function version(value: JsonValue | undefined): number {
  const number = count(value, "schema_version");
  if (number >= 2 ** 32) throw new ShapeError("member schema_version is too large");
  return number;
}

function parsePayload(value: JsonValue | undefined, shapes: EventShapes): RawTraceEventPayload {
  const members = object(value, "payload");
  const claimed = text(members["type"], "payload.type");
  const shape = shapes.get(claimed);
  if (shape === undefined) throw new UnknownEventTypeError(claimed);
  const { type, names, checks } = shape;
  const payload: { [member: string]: unknown } = { type };
  // Not with iterators, which make an object for every step: all members of all events pass here.
  for (let index = 0; index < names.length; index += 1) {
    const member = names[index] ?? "";
    payload[member] = checks[index]?.(members[member], member);
  }
  return payload as unknown as RawTraceEventPayload;
}

/** The payloads an event names, in the order of its members; not the parts of those. */
export function payloadReferencesOf(payload: RawTraceEventPayload): readonly PayloadReference[] {
  switch (payload.type) {
    case "thread_started":
      return present(payload.metadata_payload);
    case "history_item_accepted": {
      const { agent_message_payload: message, tool_output_payload: output } = payload;
      // Nearly all name neither.
      return message && output ? [message, output] : present(message ?? output ?? null);
    }
    case "inference_started":
      return payload.prepared_prompt_payload === undefined
        ? [payload.request_payload]
        : [
            payload.request_payload,
            payload.prepared_prompt_payload,
            ...present(payload.warmup_context_payload ?? null),
          ];
    case "compaction_request_started":
      return [payload.request_payload];
    case "inference_completed":
    case "compaction_request_completed":
      return [payload.response_payload];
    case "inference_failed":
    case "inference_cancelled":
      return present(payload.partial_response_payload);
    case "tool_call_started":
      return present(payload.invocation_payload);
    case "tool_call_runtime_started":
    case "tool_call_runtime_ended":
      return [payload.runtime_payload];
    case "tool_call_ended":
      return present(payload.result_payload);
    case "code_cell_initial_response":
    case "code_cell_ended":
      return present(payload.response_payload);
    case "compaction_installed":
      return [payload.checkpoint_payload];
    case "agent_result_observed":
      return present(payload.carried_payload);
    case "protocol_event_observed":
      return [payload.event_payload];
    case "other":
      return payload.payloads;
    case "rollout_started":
    case "rollout_ended":
    case "recording_completed":
    case "thread_ended":
    case "thread_resumed":
    case "codex_turn_started":
    case "codex_turn_ended":
    case "mcp_tool_call_correlation_assigned":
    case "stdin_target_resolved":
    case "code_cell_started":
    case "code_cell_wait_target_resolved":
    case "compaction_request_failed":
      return [];
  }
  return payload satisfies never;
}

function present(optionalReference: PayloadReference | null): readonly PayloadReference[] {
  return optionalReference === null ? [] : [optionalReference];
}
