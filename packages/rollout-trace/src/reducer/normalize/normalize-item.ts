import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { JsonNode } from "../../json/node.ts";
import { compactJson } from "../../json/compact.ts";
import type {
  AgentMessageAddress,
  ConversationChannel,
  ConversationItemKind,
  ConversationPart,
  ConversationRole,
} from "../../model/conversation.ts";
import { compactPart, contentParts, hashedPart, jsonPart, payloadPart } from "./content-parts.ts";
import type { SourceValue } from "./content-parts.ts";
import { lostPartOf } from "./lost-part.ts";
import { ItemError } from "./normalized-item.ts";
import type { NormalizedItem, SourceItem } from "./normalized-item.ts";
import { reasoningParts } from "./reasoning-parts.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

type ItemRules = SchemaRules["items"];

type Shape = Omit<NormalizedItem, "responsesId" | "callId" | "agentMessage"> & {
  readonly hasCallId?: boolean;
  readonly agentMessage?: AgentMessageAddress;
};

/**
 * Turns one Responses item into the terms of the reduced model; `undefined` for items that are no history. Throws
 * {@link ItemError}. Source: docs/behavior/rollout-trace.md 7.4.
 */
export function normalizeItem(source: SourceItem, rules: ItemRules): NormalizedItem | undefined {
  const item = source.value;
  const type = isJsonObject(item) ? item["type"] : undefined;
  if (!isJsonObject(item) || typeof type !== "string") throw new ItemError("item has no type");
  if (rules.ignoredTypes.has(type)) return undefined;
  const shape = shapeOf(item, type, source, rules);
  const callId = item["call_id"];
  const id = item["id"];
  return {
    role: shape.role,
    channel: shape.channel,
    kind: shape.kind,
    parts: shape.parts,
    callId: shape.hasCallId === true && typeof callId === "string" ? callId : null,
    responsesId: rules.haveResponsesIds && typeof id === "string" ? id : undefined,
    agentMessage: shape.agentMessage,
  };
}

/** Whether an item is the output of a call, as far as its type says. */
export function isOutputItem({ type }: JsonObject): boolean {
  return type === "function_call_output" || type === "custom_tool_call_output";
}

/** The item tolerant reading makes of an unknown one: a message that points to its payload. */
export function opaqueItem(source: SourceItem, rules: ItemRules): NormalizedItem {
  const item = isJsonObject(source.value) ? source.value : {};
  const type = item["type"];
  const id = item["id"];
  const label = typeof type === "string" ? type : "item";
  return {
    role: ROLES.find((role) => role === item["role"]) ?? "assistant",
    channel: null,
    kind: "message",
    parts: [hashedPart(label, source.payloadId, source.exact())],
    callId: null,
    responsesId: rules.haveResponsesIds && typeof id === "string" ? id : undefined,
    agentMessage: undefined,
  };
}

function shapeOf(item: JsonObject, type: string, source: SourceItem, rules: ItemRules): Shape {
  switch (type) {
    case "message":
      return {
        role: roleOf(item["role"]),
        channel: channelOf(item["phase"]),
        kind: "message",
        parts: contentParts(member(source, item, "content"), rules),
      };
    case "agent_message":
      return agentMessage(item, source.lostParts);
    case "reasoning":
      return model("reasoning", "analysis", reasoningParts(item, source.lostParts));
    case "function_call":
      return call("function_call", [argumentsPart(item, source)]);
    case "custom_tool_call":
      return call("custom_tool_call", [inputPart(item, source)]);
    case "function_call_output":
    case "custom_tool_call_output":
      return output(type, outputParts(item, source, rules));
    case "tool_search_call":
    case "web_search_call":
    case "image_generation_call":
    case "local_shell_call":
      return call("function_call", [jsonPart(source.exact(), source.payloadId)]);
    case "tool_search_output":
    case "mcp_tool_call_output":
      return output("function_call_output", [jsonPart(source.exact(), source.payloadId)]);
    case "compaction":
    case "compaction_summary":
    case "context_compaction":
      return model("message", "summary", [encryptedPart(item)]);
    default:
      throw new ItemError("item type is unknown", true);
  }
}

const ROLES: readonly ConversationRole[] = ["system", "developer", "user", "assistant", "tool"];

function roleOf(value: JsonValue | undefined): ConversationRole {
  const role = ROLES.find((known) => known === value);
  if (role === undefined) throw new ItemError("message has no known role");
  return role;
}

function channelOf(phase: JsonValue | undefined): ConversationChannel | null {
  if (phase === "commentary" || phase === "summary") return phase;
  return phase === "final_answer" ? "final" : null;
}

function model(
  kind: ConversationItemKind,
  channel: ConversationChannel,
  parts: readonly ConversationPart[],
): Shape {
  return { role: "assistant", channel, kind, parts };
}

function call(kind: ConversationItemKind, parts: readonly ConversationPart[]): Shape {
  return { role: "assistant", channel: "commentary", kind, parts, hasCallId: true };
}

function output(kind: ConversationItemKind, parts: readonly ConversationPart[]): Shape {
  return { role: "tool", channel: "commentary", kind, parts, hasCallId: true };
}

function agentMessage(item: JsonObject, lostParts: ReadonlySet<string>): Shape {
  const { author, recipient, content } = item;
  if (typeof author !== "string" || typeof recipient !== "string")
    throw new ItemError("agent message lacks author or recipient");
  if (!Array.isArray(content) || content.length === 0)
    throw new ItemError("agent message has no content");
  const parts = (content as readonly JsonValue[]).map((element) =>
    agentMessagePart(element, lostParts),
  );
  return { ...model("message", "analysis", parts), agentMessage: { author, recipient } };
}

function agentMessagePart(element: JsonValue, lostParts: ReadonlySet<string>): ConversationPart {
  if (isJsonObject(element)) {
    const { type, text, encrypted_content: value } = element;
    if (type === "input_text" && typeof text === "string") return { type: "text", text };
    const lost = type === "input_text" ? lostPartOf(text, lostParts) : undefined;
    if (lost !== undefined) return payloadPart("text", lost);
    if (type === "encrypted_content" && typeof value === "string")
      return { type: "encoded", label: "encrypted_content", value };
  }
  throw new ItemError("agent message holds foreign content");
}

function argumentsPart(item: JsonObject, source: SourceItem): ConversationPart {
  const value = item["arguments"];
  if (value === undefined) return payloadPart("payload", source.payloadId);
  if (typeof value !== "string")
    return jsonPart(memberNode(source.exact(), "arguments"), source.payloadId);
  const compact = compactJson(value);
  return compact === undefined
    ? { type: "text", text: value }
    : compactPart(compact, source.payloadId);
}

function inputPart(item: JsonObject, source: SourceItem): ConversationPart {
  const input = item["input"];
  if (typeof input !== "string") return jsonPart(source.exact(), source.payloadId);
  return item["name"] === "exec"
    ? { type: "code", language: "javascript", source: input }
    : { type: "text", text: input };
}

function outputParts(item: JsonObject, source: SourceItem, rules: ItemRules): ConversationPart[] {
  const value = item["output"];
  if (value === undefined) return [payloadPart("tool_output", source.payloadId)];
  if (typeof value === "string") return [{ type: "text", text: value }];
  if (Array.isArray(value)) return contentParts(member(source, item, "output"), rules);
  return [jsonPart(memberNode(source.exact(), "output"), source.payloadId)];
}

function encryptedPart(item: JsonObject): ConversationPart {
  const value = item["encrypted_content"];
  if (typeof value !== "string") throw new ItemError("compaction item has no encrypted content");
  return { type: "encoded", label: "encrypted_content", value };
}

function member(source: SourceItem, item: JsonObject, name: string): SourceValue {
  const { payloadId, lostParts } = source;
  return { value: item[name], payloadId, lostParts, exact: () => memberNode(source.exact(), name) };
}

function memberNode(node: JsonNode, name: string): JsonNode {
  return node instanceof Map ? (node.get(name) ?? null) : null;
}
