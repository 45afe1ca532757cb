import { randomUUID } from "node:crypto";
import type { JsonObject, JsonValue, ResponseItem } from "@codex-ts/protocol";
import { isJsonObject, readResponseItem } from "@codex-ts/protocol";
import { isNestedTooDeep } from "./nesting.ts";

/** An item that could not be read, and why. */
export interface UnreadableItem {
  readonly itemType: string;
  readonly problem: string;
}

/** Name of a tool nobody has: a call without a name gets the refusal of an unknown tool as its output. */
const NAMELESS_TOOL = "unknown";

/**
 * Reads an output item. One that does not parse is put right where its meaning is not in doubt: calls whose arguments
 * are JSON instead of a text with JSON in it, messages whose content is a plain text. A call is always read, even an
 * incomplete one, so that it can get an output. Only what is nested deeper than Codex's parser goes is never read.
 */
export function readOutputItem(raw: JsonValue | undefined): ResponseItem | UnreadableItem {
  if (isNestedTooDeep(raw)) {
    return { itemType: typeOf(raw).slice(0, 100), problem: "it is nested too deeply" };
  }
  const item = readResponseItem(raw);
  if (item !== undefined) return item;
  if (!isJsonObject(raw)) return { itemType: "unknown", problem: "it is no object" };
  const { type } = raw;
  if (typeof type !== "string") return { itemType: "unknown", problem: "it has no type" };
  const repaired = readResponseItem(repair(type, withoutUnfit(raw)));
  return repaired ?? { itemType: type.slice(0, 100), problem: problemOf(type, raw) };
}

export function isUnreadable(read: ResponseItem | UnreadableItem): read is UnreadableItem {
  return !("type" in read);
}

function typeOf(raw: JsonValue | undefined): string {
  const type = isJsonObject(raw) ? raw["type"] : undefined;
  return typeof type === "string" ? type : "unknown";
}

/** Members every item may do without. */
function withoutUnfit(raw: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(raw).filter(
      ([name, value]) =>
        !(["id", "status", "namespace", "phase"].includes(name) && typeof value !== "string"),
    ),
  );
}

function repair(type: string, raw: JsonObject): JsonObject {
  switch (type) {
    case "function_call":
      return { ...raw, ...nameAndId(raw), arguments: textOf(raw["arguments"]) };
    case "custom_tool_call":
      return { ...raw, ...nameAndId(raw), input: textOf(raw["input"]) };
    case "message": {
      const { phase: _unknown, ...known } = raw;
      const role = typeof raw["role"] === "string" ? raw["role"] : "assistant";
      const parts = listOf(raw["content"]);
      const content = contentOf(parts);
      // Nothing readable in it: better no message than an empty one.
      return content.length === 0 && parts.length > 0 ? raw : { ...known, role, content };
    }
    case "reasoning": {
      const { content: _unfit, encrypted_content: encrypted, ...known } = raw;
      return {
        ...known,
        summary: listOf(raw["summary"]).flatMap((part) => {
          const text = partText(part);
          return text === undefined ? [] : [{ type: "summary_text", text }];
        }),
        ...(typeof encrypted === "string" && { encrypted_content: encrypted }),
      };
    }
    default:
      return raw;
  }
}

function nameAndId(raw: JsonObject): { readonly name: string; readonly call_id: string } {
  const { name, call_id: callId, id } = raw;
  return {
    name: isText(name) ? name : NAMELESS_TOOL,
    call_id: isText(callId) ? callId : isText(id) ? id : `call_${randomUUID()}`,
  };
}

/** The text a tool receives: a text as it is, JSON as its text, nothing as the empty text. */
function textOf(value: JsonValue | undefined): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function contentOf(parts: readonly JsonValue[]): JsonValue[] {
  return parts.flatMap((part): JsonValue[] => {
    const isKnown = isJsonObject(part) && KNOWN_PARTS.has(part["type"] as string);
    if (isKnown && (part["type"] === "input_image" || typeof part["text"] === "string")) {
      return [part];
    }
    const text = partText(part);
    return text === undefined ? [] : [{ type: "output_text", text }];
  });
}

const KNOWN_PARTS: ReadonlySet<string> = new Set(["input_text", "output_text", "input_image"]);

function partText(part: JsonValue): string | undefined {
  const text = isJsonObject(part) ? (part["text"] ?? part["refusal"]) : part;
  return typeof text === "string" ? text : undefined;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(value)) return value as readonly JsonValue[];
  return value === undefined || value === null ? [] : [value];
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === "string" && value !== "";
}

/** Members without which an item of a type is none. */
const NEEDED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  agent_message: ["author", "recipient", "content"],
  local_shell_call: ["status", "action"],
  tool_search_call: ["execution", "arguments"],
  function_call_output: ["call_id", "output"],
  custom_tool_call_output: ["call_id", "output"],
  tool_search_output: ["status", "execution", "tools"],
  image_generation_call: ["status", "result"],
  compaction: ["encrypted_content"],
  compaction_summary: ["encrypted_content"],
};

function problemOf(type: string, raw: JsonObject): string {
  const needed = Object.hasOwn(NEEDED_MEMBERS, type) ? (NEEDED_MEMBERS[type] ?? []) : [];
  const missing = needed.filter((name) => raw[name] === undefined || raw[name] === null);
  return missing.length === 0
    ? "a member has another type than it should"
    : `it has no ${missing.join(" and no ")}`;
}
