import type { TurnInput } from "../../thread/thread-options.ts";
import { message } from "../context-messages.ts";
import type { ContextMessage } from "../context-messages.ts";
import { readSkillText } from "./read-skills.ts";
import type { Skill } from "./skill.ts";

/** `$name`, wherever it stands; what follows the name of a skill ends it. */
const MENTION = /\$([A-Za-z0-9_:-]+)/g;
/** A link whose text looks like a mention points to something of its own. */
const LINKED_MENTION = /\[\$[^\]]*\]\([^)]*\)/g;

/**
 * The skills an input asks for, in the order of the list: by an item of their path, or by `$name` in a text where no
 * other skill has that name.
 */
export function mentionedSkills(
  input: readonly TurnInput[],
  skills: readonly Skill[],
): readonly Skill[] {
  const paths = new Set(input.flatMap((part) => (part.type === "skill" ? [part.path] : [])));
  const names = new Set(input.flatMap((part) => (part.type === "text" ? namesIn(part.text) : [])));
  return skills.filter(
    ({ name, path }) =>
      paths.has(path) ||
      (names.has(name) && skills.filter((other) => other.name === name).length === 1),
  );
}

function namesIn(text: string): string[] {
  const mentions = text.replaceAll(LINKED_MENTION, "").matchAll(MENTION);
  return [...mentions].map(([, name]) => name ?? "");
}

/** The messages that give the model the text of skills. What cannot be read is a warning. */
export async function skillMessages(
  skills: readonly Skill[],
  warn: (message: string) => void,
): Promise<readonly ContextMessage[]> {
  const messages: ContextMessage[] = [];
  for (const { name, path } of skills) {
    const text = await readSkillText(path);
    if (typeof text === "string") {
      const block = `<skill>\n<name>${name}</name>\n<path>${path}</path>\n${text}\n</skill>`;
      messages.push({
        item: message("user", [block]),
        contentKinds: ["skills.selected_skill_instructions"],
      });
    } else warn(`skill ${name} is left out: ${text.problem}`);
  }
  return messages;
}
