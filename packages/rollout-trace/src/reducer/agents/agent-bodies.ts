import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { unitVariant } from "../../json/unit-variant.ts";
import { isAgentPath } from "./delivery.ts";
import type { LoadedPayload } from "../loaded-payload.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

export interface InteractionBody {
  readonly receiverThreadId: string;
  readonly prompt: string;
}

export interface SpawnEndBody {
  readonly senderThreadId: string;
  readonly newThreadId: string | null;
  readonly prompt: string;
}

export interface ActivityBody {
  readonly agentThreadId: string;
  readonly kind: "started" | "interacted" | "interrupted" | "completed";
}

/** Begin and end of sending something to an agent (0.132); an end also carries a status. */
export function readInteraction(
  payload: LoadedPayload,
  value: JsonValue,
  isEnd: boolean,
): InteractionBody | undefined {
  const close = readClose(payload, value, isEnd);
  const prompt = isJsonObject(value) ? value["prompt"] : undefined;
  if (close === undefined || typeof prompt !== "string") return undefined;
  return { ...close, prompt };
}

/** Begin and end of closing an agent. */
export function readClose(
  payload: LoadedPayload,
  value: JsonValue,
  isEnd: boolean,
): Omit<InteractionBody, "prompt"> | undefined {
  if (!isJsonObject(value) || typeof value["call_id"] !== "string") return undefined;
  const receiverThreadId = threadIdOf(value["receiver_thread_id"]);
  if (receiverThreadId === undefined || threadIdOf(value["sender_thread_id"]) === undefined)
    return undefined;
  const isComplete = isEnd
    ? isAgentStatus(value["status"]) &&
      hasTime(payload, value, "completed_at_ms") &&
      hasTextsOrNone(value, ["receiver_agent_nickname", "receiver_agent_role"])
    : hasTime(payload, value, "started_at_ms");
  return isComplete ? { receiverThreadId } : undefined;
}

/** End of spawning an agent (0.132). */
export function readSpawnEnd(payload: LoadedPayload, value: JsonValue): SpawnEndBody | undefined {
  if (!isJsonObject(value) || !hasTexts(value, ["call_id", "prompt", "model"])) return undefined;
  const senderThreadId = threadIdOf(value["sender_thread_id"]);
  const raw = value["new_thread_id"] ?? null;
  const newThreadId = raw === null ? null : threadIdOf(raw);
  const isComplete =
    senderThreadId !== undefined &&
    newThreadId !== undefined &&
    typeof value["reasoning_effort"] === "string" &&
    value["reasoning_effort"] !== "" &&
    isAgentStatus(value["status"]) &&
    hasTime(payload, value, "completed_at_ms") &&
    hasTextsOrNone(value, ["new_agent_nickname", "new_agent_role"]);
  if (!isComplete) return undefined;
  return { senderThreadId, newThreadId, prompt: value["prompt"] as string };
}

/** Something a subagent did (0.140 on). */
export function readActivity(
  payload: LoadedPayload,
  value: JsonValue,
  rules: SchemaRules["agents"],
): ActivityBody | undefined {
  if (!isJsonObject(value) || typeof value["event_id"] !== "string") return undefined;
  const agentThreadId = threadIdOf(value["agent_thread_id"]);
  const kind = unitVariant(value["kind"]);
  if (agentThreadId === undefined || !hasTime(payload, value, "occurred_at_ms")) return undefined;
  if (!isAgentPath(value["agent_path"]) || !isActivityKind(kind)) return undefined;
  if (!rules.activities.has(kind)) return undefined;
  return rules.activitiesNameModel && !hasModel(value) ? undefined : { agentThreadId, kind };
}

const ACTIVITY_KINDS: { readonly [kind in ActivityBody["kind"]]: true } = {
  started: true,
  interacted: true,
  interrupted: true,
  completed: true,
};

function isActivityKind(kind: JsonValue | undefined): kind is ActivityBody["kind"] {
  return typeof kind === "string" && Object.hasOwn(ACTIVITY_KINDS, kind);
}

function hasModel(value: JsonObject): boolean {
  return hasTextsOrNone(value, ["model", "reasoning_effort"]) && value["reasoning_effort"] !== "";
}

const PLAIN_STATUSES: ReadonlySet<JsonValue | undefined> = new Set([
  "pending_init",
  "running",
  "interrupted",
  "shutdown",
  "not_found",
]);

function isAgentStatus(value: JsonValue | undefined): boolean {
  if (PLAIN_STATUSES.has(unitVariant(value))) return true;
  if (!isJsonObject(value) || Object.keys(value).length !== 1) return false;
  const { completed, errored } = value;
  if (typeof errored === "string") return true;
  return completed === null || typeof completed === "string";
}

function hasTexts(value: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "string");
}

function hasTextsOrNone(value: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => typeof (value[name] ?? "") === "string");
}

/** Times may be absent, but not null. */
function hasTime(payload: LoadedPayload, value: JsonObject, name: string): boolean {
  const time = value[name];
  if (time === undefined) return true;
  return typeof time === "number" && Number.isInteger(time) && payload.writesInteger(time, [name]);
}

const UUID = /^([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})$/i;

/** A thread id in its usual spelling; the spellings a UUID parser takes are taken. */
function threadIdOf(value: JsonValue | undefined): string | undefined {
  if (typeof value !== "string") return undefined;
  const bare = value.replace(/^urn:uuid:/, "").replace(/^\{(.*)\}$/, "$1");
  const hyphens = bare.split("-").length - 1;
  const groups = UUID.exec(bare);
  if (groups === null || (hyphens !== 0 && hyphens !== 4)) return undefined;
  return groups.slice(1).join("-").toLowerCase();
}
