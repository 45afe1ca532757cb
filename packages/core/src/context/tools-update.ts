import type { JsonObject } from "@codex-ts/protocol";
import { message, toolsItem } from "./context-messages.ts";
import type { ContextItem } from "./context-messages.ts";
import { membersOf, toolName } from "./tool-hashes.ts";
import type { ToolHashes } from "./tool-hashes.ts";

/**
 * Items with what has changed about the tools that items of the history state: definitions that are new or other ones,
 * descriptions of groups, and what is gone; none without changes. The texts are ours.
 *
 * Source: docs/behavior/codex-0.171.md 4.
 */
export function toolsUpdate(
  { tools, hashes }: { readonly tools: readonly JsonObject[]; readonly hashes: ToolHashes },
  known: ToolHashes,
): readonly ContextItem[] {
  const isNew = (name: string): boolean => hashes[name] !== known[name];
  const changed = tools.flatMap((tool) => changedPart(tool, isNew));
  const stated = new Set(changed.map(toolName));
  const described = tools.filter((tool) => {
    const name = toolName(tool);
    return isGroup(tool) && isNew(name) && !stated.has(name);
  });
  return [
    ...definitions(changed),
    ...descriptions(described),
    ...removals(Object.keys(known).filter((name) => !Object.hasOwn(hashes, name))),
  ];
}

/** A group with those of its tools that are new. */
function changedPart(tool: JsonObject, isNew: (name: string) => boolean): readonly JsonObject[] {
  const name = toolName(tool);
  if (!isGroup(tool)) return isNew(name) ? [tool] : [];
  const members = membersOf(tool).filter((member) => isNew(`${name}.${toolName(member)}`));
  return members.length === 0 ? [] : [{ ...tool, tools: members }];
}

function isGroup({ type }: JsonObject): boolean {
  return type === "namespace";
}

function definitions(changed: readonly JsonObject[]): readonly ContextItem[] {
  if (changed.length === 0) return [];
  const item = { item: toolsItem(changed), contentKinds: [] };
  // Part of a group could be taken for all of it.
  return changed.some(isGroup) ? [notice("tools.incremental_update", UPDATE_TEXT), item] : [item];
}

const UPDATE_TEXT =
  "The tools that follow are new or have changed. They add to the tools you know, which you can go on calling unless you read that they are gone; where you know a tool by the same name, the newer definition counts.";

function descriptions(groups: readonly JsonObject[]): readonly ContextItem[] {
  if (groups.length === 0) return [];
  const texts = groups.map(
    (group) => `The tools of ${toolName(group)} have a new description:\n${describe(group)}`,
  );
  const contentKinds = groups.map((group) => ({
    kind: "generic.developer_instructions",
    namespace: toolName(group),
  }));
  return [{ item: message("developer", texts), contentKinds }];
}

function describe({ description }: JsonObject): string {
  return typeof description === "string" ? description : "";
}

/** Of a group that is gone its tools are not named. */
function removals(gone: readonly string[]): readonly ContextItem[] {
  if (gone.length === 0) return [];
  const groups = gone.filter((name) => gone.some((other) => other.startsWith(`${name}.`)));
  const tools = gone.filter(
    (name) => !groups.some((group) => name === group || name.startsWith(`${group}.`)),
  );
  const lists = [
    ...list(
      "These groups of tools are gone; call none of their tools unless it is defined again:",
      groups,
    ),
    ...list("These tools are gone; do not call them:", tools),
  ];
  return [notice("tools.removed_definition", lists.join("\n\n"))];
}

function list(heading: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [[heading, ...names.map((name) => `- ${name}`)].join("\n")];
}

function notice(kind: string, text: string): ContextItem {
  return { item: message("developer", [text]), contentKinds: [kind] };
}
