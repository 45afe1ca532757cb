import type { JsonObject, ResponseItem } from "@codex-ts/protocol";
import { ITEM_METADATA_MEMBER } from "../history/item-identity.ts";
import type { StoredItem } from "../history/item-identity.ts";
import type { ContextItem } from "./context-messages.ts";
import { message, toolsItem } from "./context-messages.ts";
import type { ToolHashes } from "./tool-hashes.ts";
import { toolsUpdate } from "./tools-update.ts";

/**
 * Tools and system text of a responses-lite model: items of its history, where requests for other models have members.
 * Source: docs/behavior/codex-0.171.md 4.
 */
export interface ModelItems {
  /** Definitions in namespaces. */
  readonly tools: readonly JsonObject[];
  /** Of these. */
  readonly hashes: ToolHashes;
  readonly instructions: string;
}

/** The same as the model knows it of earlier items. */
export interface KnownModelItems {
  readonly tools: ToolHashes;
  readonly instructions: string;
}

/** The namespace of tools that have none of their own. */
export const FUNCTIONS_NAMESPACE = "functions";

/** Kind of the message that is the system text. */
export const BASE_INSTRUCTIONS = "model.base_instructions";
const NEW_INSTRUCTIONS = "model.instructions";

/** Definitions of tools as a responses-lite model is offered them: functions in a namespace, the others beside it. */
export function inNamespaces(specs: readonly JsonObject[]): readonly JsonObject[] {
  const functions = specs.filter(isFunction);
  const others = specs.filter((spec) => !isFunction(spec));
  if (functions.length === 0) return others;
  const own = {
    type: "namespace",
    name: FUNCTIONS_NAMESPACE,
    description: "",
    tools: functions,
  };
  return [own, ...others];
}

function isFunction({ type }: JsonObject): boolean {
  return type === "function" || type === "custom";
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
  known: (KnownModelItems & { readonly model: string }) | undefined,
): readonly ContextItem[] {
  if (known === undefined) {
    return [{ item: toolsItem(now.tools), contentKinds: [] }, newModel(now)];
  }
  const isOtherText = known.instructions !== now.instructions;
  return [
    ...toolsUpdate(now, known.tools),
    ...(isOtherText ? [newModel(now)] : known.model === now.model ? [] : [otherModel(now)]),
  ];
}

/** The tag is machine-read, the text is ours. */
function newModel({ model, instructions }: ModelItems & { readonly model: string }): ContextItem {
  return modelMessage(
    `You are ${model} now. These instructions take the place of those before:\n\n${instructions}`,
  );
}

function otherModel({ model }: { readonly model: string }): ContextItem {
  return modelMessage(`You are ${model} now.`);
}

function modelMessage(text: string): ContextItem {
  const tagged = `<model_instructions>\n${text}\n</model_instructions>`;
  return { item: message("developer", [tagged]), contentKinds: [NEW_INSTRUCTIONS] };
}

/** The newest system text among the items of a history. */
export function instructionsOfItems(items: readonly ResponseItem[]): string | undefined {
  return items.map(instructionsOf).findLast((text) => text !== undefined);
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
