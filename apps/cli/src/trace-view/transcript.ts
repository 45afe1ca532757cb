import type { ConversationItem, ConversationPart, ReducedTrace } from "@codex-ts/rollout-trace";
import { stripControl, stripToOneLine } from "../render/strip-control.ts";
import { lookup } from "./lookup.ts";

export interface TranscriptOptions {
  /** Lines shown of one item before the rest is only counted. */
  readonly maxLinesPerItem: number;
}

/** Each thread's history as the model saw it, then what requests produced that never entered a history. */
export function renderTranscript(trace: ReducedTrace, options: TranscriptOptions): string {
  const kinds = toolKinds(trace);
  const sections = Object.values(trace.threads).map((thread) =>
    renderItems(`thread ${thread.thread_id} ${thread.agent_path}`, {
      items: itemsOf(trace, thread.conversation_item_ids),
      kinds,
      options,
    }),
  );
  const kept = new Set(
    Object.values(trace.threads).flatMap((thread) => thread.conversation_item_ids),
  );
  const lost = Object.values(trace.inference_calls)
    .flatMap((call) => call.response_item_ids)
    .filter((id) => !kept.has(id));
  if (lost.length > 0) {
    const items = itemsOf(trace, lost);
    sections.push(renderItems("produced but not kept in a history", { items, kinds, options }));
  }
  return sections.join("\n");
}

interface ItemsToRender {
  readonly items: readonly ConversationItem[];
  readonly kinds: ReadonlyMap<string, string>;
  readonly options: TranscriptOptions;
}

function renderItems(title: string, { items, kinds, options }: ItemsToRender): string {
  const head = `== ${stripToOneLine(title)} (${items.length} items)\n`;
  return head + items.map((item) => renderItem(item, kinds, options)).join("");
}

function renderItem(
  item: ConversationItem,
  kinds: ReadonlyMap<string, string>,
  { maxLinesPerItem }: TranscriptOptions,
): string {
  const lines = stripControl(itemText(item)).trimEnd().split("\n");
  const shown = lines.slice(0, maxLinesPerItem).map((line) => `  ${line}`);
  const hidden = lines.length - shown.length;
  if (hidden > 0) shown.push(`  … ${hidden} more lines (--full shows them)`);
  return `\n${stripToOneLine(headingOf(item, kinds))}\n${shown.map((line) => `${line.trimEnd()}\n`).join("")}`;
}

/** The text of an item, as it was recorded. */
export function itemText({ body }: ConversationItem): string {
  return body.parts.map(partText).join("\n");
}

function headingOf(item: ConversationItem, kinds: ReadonlyMap<string, string>): string {
  const call = item.call_id ?? "";
  switch (item.kind) {
    case "message": {
      const agents = item.agent_message;
      const sender = agents === undefined ? item.role : `${agents.author} -> ${agents.recipient}`;
      return item.channel === null ? sender : `${sender} (${item.channel})`;
    }
    case "function_call":
    case "custom_tool_call":
      return `call ${kinds.get(item.item_id) ?? "tool"} ${call}`;
    case "function_call_output":
    case "custom_tool_call_output":
      return `output ${call}`;
    case "reasoning":
    case "compaction_marker":
      return item.kind.replace("_", " ");
  }
  return item.kind;
}

function partText(part: ConversationPart): string {
  switch (part.type) {
    case "text":
    case "summary":
      return part.text;
    case "encoded":
      return `<${part.label}, ${part.value.length} characters>`;
    case "json":
      return part.summary;
    case "code":
      return part.source;
    case "payload_ref":
      return `<${part.label} in ${part.raw_payload_id}>`;
  }
  return "";
}

function itemsOf(trace: ReducedTrace, ids: readonly string[]): ConversationItem[] {
  return ids.flatMap((id) => lookup(trace.conversation_items, id) ?? []);
}

/** Kinds of tools of the call items, by item id. */
export function toolKinds(trace: ReducedTrace): ReadonlyMap<string, string> {
  return new Map(
    Object.values(trace.tool_calls).flatMap((call) =>
      call.model_visible_call_item_ids.map((id) => [id, toolName(call.kind)] as const),
    ),
  );
}

/** Name of a tool as people know it. */
export function toolName(kind: ReducedTrace["tool_calls"][string]["kind"]): string {
  if (kind.type === "mcp") return `${kind.server}/${kind.tool}`;
  return kind.type === "other" ? kind.name : kind.type;
}
