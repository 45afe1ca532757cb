import { isDeepStrictEqual } from "node:util";
import { isJsonObject } from "@codex-ts/protocol";
import type { AdditionalToolsItem, JsonObject, ResponseItem } from "@codex-ts/protocol";
import { ITEM_METADATA_MEMBER } from "../history/item-identity.ts";
import type { StoredItem } from "../history/item-identity.ts";
import type { ContextItem } from "./context-messages.ts";
import { message } from "./context-messages.ts";

/**
 * Tools and system text of a responses-lite model: items of its history, where requests for other models have members.
 * Source: docs/behavior/codex-0.171.md 4.
 */
export interface ModelItems {
  /** Definitions in namespaces. */
  readonly tools: readonly JsonObject[];
  readonly instructions: string;
}

/** The namespace of tools that have none of their own. */
export const FUNCTIONS_NAMESPACE = "functions";

/** Kind of the message that is the system text. */
export const BASE_INSTRUCTIONS = "model.base_instructions";
const NEW_INSTRUCTIONS = "model.instructions";

/** Definitions of tools as a responses-lite model is offered them. */
export function inNamespaces(specs: readonly JsonObject[]): readonly JsonObject[] {
  const functions = specs.filter((spec) => !isNamespace(spec));
  const namespaces = specs.filter(isNamespace);
  if (functions.length === 0) return namespaces;
  const own = {
    type: "namespace",
    name: FUNCTIONS_NAMESPACE,
    description: "",
    tools: functions,
  };
  return [own, ...namespaces];
}

function isNamespace({ type }: JsonObject): boolean {
  return type === "namespace";
}

/** Tools as an item. */
export function toolsItem(tools: readonly JsonObject[]): AdditionalToolsItem {
  return { type: "additional_tools", role: "developer", tools };
}

/** Whether a history says by items what its model is offered. */
export function hasToolsItem(items: readonly ResponseItem[]): boolean {
  return items.some(({ type }) => type === "additional_tools");
}

/** The items of a model that knows nothing. */
export function wholeModelItems({ tools, instructions }: ModelItems): readonly ContextItem[] {
  return [
    { item: toolsItem(tools), contentKinds: [] },
    { item: message("developer", [instructions]), contentKinds: [BASE_INSTRUCTIONS] },
  ];
}

/** The items with what is new to the model; `undefined` for `known`: the last turn was one of another kind of model. */
export function modelItemsUpdate(
  now: ModelItems & { readonly model: string },
  known: (ModelItems & { readonly model: string }) | undefined,
): readonly ContextItem[] {
  const hasTools = known !== undefined && isDeepStrictEqual(known.tools, now.tools);
  const isSameModel =
    known !== undefined && known.model === now.model && known.instructions === now.instructions;
  return [
    ...(hasTools ? [] : [{ item: toolsItem(now.tools), contentKinds: [] }]),
    ...(isSameModel
      ? []
      : [{ item: message("developer", [newModel(now)]), contentKinds: [NEW_INSTRUCTIONS] }]),
  ];
}

/** The tag is machine-read, the text is ours. */
function newModel({ model, instructions }: ModelItems & { readonly model: string }): string {
  return `<model_instructions>\nYou are ${model} now. These instructions take the place of those before:\n\n${instructions}\n</model_instructions>`;
}

/** The newest tools and system text among the items of a history; `undefined` without tools. */
export function modelItemsOf(items: readonly ResponseItem[]): ModelItems | undefined {
  const tools = items.findLast((item) => item.type === "additional_tools");
  if (tools === undefined) return undefined;
  return {
    tools: tools.tools.filter(isJsonObject),
    instructions: items.map(instructionsOf).findLast((text) => text !== undefined) ?? "",
  };
}

function instructionsOf(item: StoredItem): string | undefined {
  if (item.type !== "message" || item.role !== "developer") return undefined;
  const [kind] = item[ITEM_METADATA_MEMBER]?.content_item_kinds ?? [];
  const [part] = item.content;
  const text = part !== undefined && "text" in part ? part.text : "";
  if (kind === BASE_INSTRUCTIONS) return text;
  if (kind !== NEW_INSTRUCTIONS) return undefined;
  // Also in the words of Codex, which has its own first lines.
  return /^<model_instructions>\n.*?\n\n(.*)\n<\/model_instructions>$/s.exec(text)?.[1];
}
