import type { RecordedContext } from "../events/recorded-context.ts";
import type { Tool } from "../tools/tool.ts";

/** Groups of tools that are found by a search: the first line of the description of each, sorted by name. */
export type DeferredTools = Readonly<Record<string, string>>;

/** Most characters of a description. */
const MAX_DESCRIPTION = 250;

/** The groups of tools that requests do not list. */
export function deferredTools(tools: readonly Tool[]): DeferredTools {
  const groups = new Map(
    tools.flatMap(({ namespace }) =>
      namespace === undefined ? [] : [[namespace.name, firstLine(namespace.description)] as const],
    ),
  );
  return Object.fromEntries([...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function firstLine(description = ""): string {
  const line = description.trim().split("\n", 1)[0]?.trim() ?? "";
  const characters = Array.from(line);
  if (characters.length <= MAX_DESCRIPTION) return line;
  return `${characters.slice(0, MAX_DESCRIPTION - 3).join("")}...`;
}

/**
 * How a model reads of them: all for one that knows of none, else what is new and what is gone; `undefined`: nothing.
 * The tag is machine-read, the text is ours. Source: docs/behavior/core.md 4.4.
 */
export function deferredToolsSection(
  now: DeferredTools,
  known: RecordedContext["deferredTools"] = {},
): string | undefined {
  const added = Object.entries(now).filter(([name, text]) => known[name] !== text);
  const removed = Object.entries(known).filter(([name]) => !Object.hasOwn(now, name));
  if (added.length === 0 && removed.length === 0) return undefined;
  const isFirst = Object.keys(known).length === 0;
  const lines = [
    ...list(
      isFirst ? "Groups of tools that a search finds" : "More groups of tools that a search finds",
      added,
    ),
    ...list("Groups of tools that no search finds any more", removed),
    ...(Object.keys(now).length === 0 ? ["There is nothing left to search for."] : []),
  ];
  return `<tools>\n${lines.join("\n")}\n</tools>`;
}

function list(heading: string, groups: readonly (readonly [string, string])[]): readonly string[] {
  if (groups.length === 0) return [];
  const lines = groups.map(([name, text]) => (text === "" ? `- ${name}` : `- ${name}: ${text}`));
  return [`${heading}:`, ...lines];
}
