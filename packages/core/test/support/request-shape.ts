import type { ReceivedRequest } from "@codex-ts/responses-server";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";

/** What a request shows to the model, one short word per item: role and text, or what kind of item it is. */
export function shapeOf(request: ReceivedRequest | undefined): string[] {
  const { body } = request ?? {};
  if (!isJsonObject(body) || !Array.isArray(body["input"])) throw new Error("no input");
  return (body["input"] as JsonObject[]).map(wordFor);
}

function wordFor(item: JsonObject): string {
  if (item["type"] === "compaction") return `compaction ${textOf(item["encrypted_content"])}`;
  if (item["type"] !== "message") return textOf(item["type"]);
  const texts = (item["content"] as JsonObject[]).map(({ text, type }) =>
    typeof text === "string" ? wordForText(text) : textOf(type),
  );
  return `${textOf(item["role"])}: ${texts.join(" + ")}`;
}

function wordForText(text: string): string {
  const tag = /^<([a-z_]+)[ >]/.exec(text)?.[1];
  if (tag !== undefined) return `<${tag}>`;
  if (text.startsWith("# AGENTS.md instructions")) return text.split("\n")[0] ?? "";
  // A summary: what stands before it is one long line of our own.
  const [first = "", ...rest] = text.split("\n");
  return first.length > 150 && rest.length === 1 ? `summary ${rest[0]}` : text;
}

/** The metadata blob of a request. */
export function blobOf(request: ReceivedRequest | undefined): JsonObject {
  const text = Object.fromEntries(request?.headers ?? [])["x-codex-turn-metadata"];
  return JSON.parse(text ?? "{}") as JsonObject;
}

/** What a request is for: `turn`, or trigger, reason, implementation and phase of a compaction; and its window. */
export function purposeOf(request: ReceivedRequest | undefined): string {
  const { request_kind: kind, compaction, window_id: windowId } = blobOf(request);
  const details = isJsonObject(compaction)
    ? ["trigger", "reason", "implementation", "phase"].map((name) => textOf(compaction[name]))
    : [textOf(kind)];
  return `${details.join(" ")} ${textOf(windowId).split(":")[1]}`;
}

function textOf(value: JsonValue | undefined): string {
  if (typeof value !== "string") throw new TypeError("no text");
  return value;
}
