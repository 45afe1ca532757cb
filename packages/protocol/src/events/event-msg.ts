import type { Codec } from "../internal/codec.ts";
import { taggedUnion } from "../internal/union-codec.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";
import type { ExecEventMsg } from "./exec-events.ts";
import { execEventVariants } from "./exec-events.ts";
import type { MessageEventMsg } from "./message-events.ts";
import { messageEventVariants } from "./message-events.ts";
import type { ToolEventMsg } from "./tool-events.ts";
import { readPlanUpdate, toolEventVariants } from "./tool-events.ts";
import type { TurnEventMsg } from "./turn-events.ts";
import { turnEventVariants } from "./turn-events.ts";

/** An event whose kind this package has no table for; `raw.type` is its name. */
export interface OtherEvent {
  readonly type: "other";
  /** The object as received. */
  readonly raw: JsonObject;
}

type KnownEventMsg = TurnEventMsg | MessageEventMsg | ToolEventMsg | ExecEventMsg;

/** Something a session reports, in the form session files and traces store. */
export type EventMsg = KnownEventMsg | OtherEvent;

/** An event and the submission that caused it. */
export interface SessionEvent {
  /** Id of the submission that caused the event. */
  readonly id: string;
  readonly msg: EventMsg;
}

const union = taggedUnion<KnownEventMsg, OtherEvent>(
  { ...turnEventVariants, ...messageEventVariants, ...toolEventVariants, ...execEventVariants },
  {
    aliases: { turn_started: "task_started", turn_complete: "task_complete" },
    unknown: (raw) => ({ type: "other", raw }),
    writeUnknown: (event) => event.raw,
  },
);

export const eventMsgCodec: Codec<EventMsg> = {
  read: (value) => union.read(isJsonObject(value) ? prepare(value) : value),
  write: (event) => union.write(event),
};

/** The two kinds whose members depend on each other. */
function prepare(value: JsonObject): unknown {
  if (value["type"] === "plan_update") {
    const { type: _type, ...members } = value;
    return readPlanUpdate(members) === undefined ? undefined : value;
  }
  if (value["type"] === "session_configured" && (value["thread_id"] ?? null) === null) {
    return { ...value, thread_id: value["session_id"] };
  }
  return value;
}

/**
 * Reads one event. A kind without a table becomes `{type: "other", raw}`; `undefined` when a required member of a known
 * kind is missing or has the wrong type. Unknown members stay in memory (a plan update with one is refused).
 */
export function readEventMsg(value: unknown): EventMsg | undefined {
  return eventMsgCodec.read(value);
}

/** The event as JSON: known members in wire order; an event of another kind as it was received. */
export function toWireEventMsg(event: EventMsg): JsonValue {
  return eventMsgCodec.write(event);
}

/** Reads an event with the id of the submission that caused it. */
export function readSessionEvent(value: unknown): SessionEvent | undefined {
  if (!isJsonObject(value) || typeof value["id"] !== "string") return undefined;
  const msg = readEventMsg(value["msg"]);
  return msg === undefined ? undefined : { id: value["id"], msg };
}
