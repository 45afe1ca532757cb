import { message } from "./context-messages.ts";
import type { ContextMessage } from "./context-messages.ts";
import { agentsSection, environmentSection, inOrder, sectionOf } from "./context-sections.ts";
import type { ContextFacts, Section } from "./context-sections.ts";

/**
 * The first items of a thread: one developer message with a part per section (none without sections), one for each text
 * about other agents, then one user message with the user's instructions and the environment. Source: docs/behavior/core.md 4.3.
 */
export function initialContext(context: ContextFacts): readonly ContextMessage[] {
  const developer = inOrder(context.form.initialSections, context).map((name) =>
    sectionOf(name, context),
  );
  const user = [agentsSection(context), environmentSection(context)];
  return [
    contextMessage("developer", developer),
    ...(context.agents?.initial ?? []),
    contextMessage("user", user),
  ].filter(({ item }) => item.content.length > 0);
}

/** A message of sections; absent and empty ones are left out. */
export function contextMessage(
  role: Section["role"],
  sections: readonly Section[],
): ContextMessage {
  const present = sections.filter(({ text }) => !!text);
  return {
    item: message(
      role,
      present.map(({ text }) => text),
    ),
    contentKinds: present.map(({ kind }) => kind),
  };
}
