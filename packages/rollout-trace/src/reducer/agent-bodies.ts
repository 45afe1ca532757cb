import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isAgentPath } from "./delivery.ts";

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
  readonly kind: "started" | "interacted" | "interrupted";
}

/** Begin and end of sending something to an agent (0.132); an end also carries a status. */
export function readInteraction(value: JsonValue, isEnd: boolean): InteractionBody | undefined {
  const close = readClose(value, isEnd);
  const prompt = isJsonObject(value) ? value["prompt"] : undefined;
  if (close === undefined || typeof prompt !== "string") return undefined;
  return { ...close, prompt };
}

/** Begin and end of closing an agent. */
export function readClose(
  value: JsonValue,
  isEnd: boolean,
): Omit<InteractionBody, "prompt"> | undefined {
  if (!isJsonObject(value) || typeof value["call_id"] !== "string") return undefined;
  const receiverThreadId = threadIdOf(value["receiver_thread_id"]);
  if (receiverThreadId === undefined || threadIdOf(value["sender_thread_id"]) === undefined)
    return undefined;
  return isEnd && !isAgentStatus(value["status"]) ? undefined : { receiverThreadId };
}

/** End of spawning an agent (0.132). */
export function readSpawnEnd(value: JsonValue): SpawnEndBody | undefined {
  if (!isJsonObject(value) || !hasTexts(value, ["call_id", "prompt", "model"])) return undefined;
  const senderThreadId = threadIdOf(value["sender_thread_id"]);
  const raw = value["new_thread_id"] ?? null;
  const newThreadId = raw === null ? null : threadIdOf(raw);
  const isComplete =
    senderThreadId !== undefined &&
    newThreadId !== undefined &&
    typeof value["reasoning_effort"] === "string" &&
    isAgentStatus(value["status"]);
  if (!isComplete) return undefined;
  return { senderThreadId, newThreadId, prompt: value["prompt"] as string };
}

/** Something a sub-agent did (0.140 on). */
export function readActivity(value: JsonValue): ActivityBody | undefined {
  if (!isJsonObject(value) || typeof value["event_id"] !== "string") return undefined;
  const agentThreadId = threadIdOf(value["agent_thread_id"]);
  const occurredAt = value["occurred_at_ms"] ?? 0;
  const kind = value["kind"];
  if (agentThreadId === undefined || !Number.isInteger(occurredAt)) return undefined;
  if (!isAgentPath(value["agent_path"])) return undefined;
  if (kind !== "started" && kind !== "interacted" && kind !== "interrupted") return undefined;
  return { agentThreadId, kind };
}

const PLAIN_STATUSES: ReadonlySet<JsonValue | undefined> = new Set([
  "pending_init",
  "running",
  "interrupted",
  "shutdown",
  "not_found",
]);

function isAgentStatus(value: JsonValue | undefined): boolean {
  if (!isJsonObject(value)) return PLAIN_STATUSES.has(value);
  const { completed, errored } = value;
  if (typeof errored === "string") return true;
  return completed === null || typeof completed === "string";
}

function hasTexts(value: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "string");
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
