import { relative } from "node:path";
import type { Skill } from "./skill.ts";

/**
 * The `<skills_instructions>` section: which skills there are and where. `undefined` without skills. The tag and the
 * lines of skills are those of Codex, the rest is ours.
 */
export function skillsInstructions(
  skills: readonly Skill[],
  /** Whole paths, or paths below the directories of skills, which are then listed first. */
  paths: "absolute" | "below_roots",
): string | undefined {
  if (skills.length === 0) return undefined;
  const roots = [...new Set(skills.map(({ root }) => root))].toSorted();
  const lines = skills.map(
    (skill) => `- ${skill.name}: ${skill.description} (file: ${pathOf(skill)})`,
  );
  return [
    "<skills_instructions>",
    "## Skills",
    INTRODUCTION,
    ...(paths === "below_roots"
      ? ["### Skill roots", ...roots.map((root, index) => `- \`r${index}\` = \`${root}\``)]
      : []),
    "### Available skills",
    ...lines,
    "</skills_instructions>",
  ].join("\n");

  function pathOf({ path, root }: Skill): string {
    return paths === "absolute" ? path : `r${roots.indexOf(root)}/${relative(root, path)}`;
  }
}

const INTRODUCTION =
  "A skill is a file of instructions for one kind of task. When the user names one, as `$name` or in words, or a task is what its description says, read the whole file before you begin, and follow it for this turn. Paths in it are relative to its directory. If it cannot be read, say so and go on without.";
