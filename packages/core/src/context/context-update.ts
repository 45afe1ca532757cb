import { isDeepStrictEqual } from "node:util";
import type { RecordedContext } from "../events/recorded-context.ts";
import type { ContextMessage } from "./context-messages.ts";
import {
  agentsBody,
  hasProjectFiles,
  inOrder,
  modeSection,
  replacedAgentsSection,
  sectionOf,
} from "./context-sections.ts";
import type { ContextFacts, Section, SectionName } from "./context-sections.ts";
import { deferredToolsSection } from "./deferred-tools.ts";
import { environmentUpdate } from "./environment-context.ts";
import { contextMessage } from "./initial-context.ts";
import { newModeInstructions } from "../turn/collaboration-mode.ts";
import { noMoreSkills, skillsInstructions } from "./skills/skills-instructions.ts";

/**
 * Messages with the news of a turn for a model that knows the context of an earlier one; none without news. Facts that the
 * earlier context does not name are taken to be the same.
 *
 * Source: docs/behavior/core.md 4.3; runs of 0.140 and 0.171.
 */
export function contextUpdate(
  context: ContextFacts,
  known: RecordedContext,
): readonly ContextMessage[] {
  const { updateSections, standsAlone } = context.form;
  const sections = inOrder(updateSections, context).map((name) => ({
    ...changed(name, context, known),
    isAlone: name === standsAlone,
  }));
  return groups(sections.filter(({ text }) => !!text)).map((group) =>
    contextMessage(group[0]?.role ?? "user", group),
  );
}

function changed(name: SectionName, context: ContextFacts, known: RecordedContext): Section {
  const section = sectionOf(name, context);
  switch (name) {
    case "model_switch":
      return section;
    case "permissions":
      return hasOtherPermissions(context, known) ? section : nothing(section);
    case "environment":
      return { ...section, text: environmentUpdate(context, known) };
    case "agents":
      return changedAgents(section, context, known);
    case "skills":
      return changedSkills(section, context, known);
    case "tools":
      return { ...section, text: deferredToolsSection(context.deferredTools, known.deferredTools) };
    case "mode":
      return hasOtherMode(context, known)
        ? modeSection(newModeInstructions(context.mode))
        : nothing(section);
    // What the application says is said once.
    case "developer":
      return nothing(section);
  }
}

function changedAgents(section: Section, context: ContextFacts, known: RecordedContext): Section {
  const before = known.userInstructions && agentsBody(known.userInstructions);
  const now = context.userInstructions && agentsBody(context.userInstructions);
  // The heading names the directory.
  const isElsewhere = hasProjectFiles(context.userInstructions) && context.cwd !== known.cwd;
  if (before === now && !isElsewhere) return nothing(section);
  return before === undefined ? section : replacedAgentsSection(context);
}

function changedSkills(section: Section, { form }: ContextFacts, known: RecordedContext): Section {
  if (known.skills === undefined) return nothing(section);
  if (section.text === skillsInstructions(known.skills, form.skillPaths)) return nothing(section);
  return { ...section, text: section.text ?? noMoreSkills() };
}

function hasOtherMode({ mode }: ContextFacts, known: RecordedContext): boolean {
  const before = known.mode ?? { kind: "default" };
  // Other programs have words of their own for a mode nobody has set.
  const isUnset = mode.kind === "default" && mode.instructions === undefined;
  return isUnset ? before.kind !== "default" : !isDeepStrictEqual(mode, before);
}

function hasOtherPermissions(context: ContextFacts, known: RecordedContext): boolean {
  return (
    !isDeepStrictEqual(context.approvalPolicy, known.approvalPolicy) ||
    context.sandboxMode !== known.sandboxMode ||
    // The writable root is named there.
    (context.sandboxMode === "workspace-write" && context.cwd !== known.cwd)
  );
}

function nothing(section: Section): Section {
  return { ...section, text: undefined };
}

interface GroupedSection extends Section {
  readonly isAlone: boolean;
}

/** Neighbors of the same role share a message. */
function groups(sections: readonly GroupedSection[]): readonly (readonly Section[])[] {
  const all: GroupedSection[][] = [];
  for (const section of sections) {
    const last = all.at(-1);
    const isShared = last?.[0]?.role === section.role && !last.some(({ isAlone }) => isAlone);
    if (isShared) last.push(section);
    else all.push([section]);
  }
  return all;
}
