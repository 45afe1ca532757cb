import { dirname, join, relative } from "node:path";
import type { Skill } from "./skill.ts";

/** Whole paths, or paths below the directories of skills, which are then listed first. */
type SkillPaths = "absolute" | "below_roots";

/** The `<skills_instructions>` section: which skills there are and where. `undefined` without skills. */
export function skillsInstructions(
  skills: readonly Skill[],
  paths: SkillPaths,
): string | undefined {
  const body = skillsBody(skills, paths);
  return body && tagged(body);
}

/** The section that takes back the one the model has read. */
export function noMoreSkills(): string {
  return tagged("\n## Skills\nThere are none any more.\n");
}

function tagged(body: string): string {
  return `<skills_instructions>${body}</skills_instructions>`;
}

/** The text of the section. The tag and the lines of skills are those of Codex, the rest is ours. */
export function skillsBody(skills: readonly Skill[], paths: SkillPaths): string | undefined {
  if (skills.length === 0) return undefined;
  const roots = [...new Set(skills.map(({ root }) => root))].toSorted();
  const lines = skills.map(
    (skill) => `- ${skill.name}: ${skill.description} (file: ${pathOf(skill)})`,
  );
  return [
    "",
    "## Skills",
    INTRODUCTION,
    ...(paths === "below_roots"
      ? ["### Skill roots", ...roots.map((root, index) => `- \`r${index}\` = \`${root}\``)]
      : []),
    "### Available skills",
    ...lines,
    "",
  ].join("\n");

  function pathOf({ path, root }: Skill): string {
    return paths === "absolute" ? path : `r${roots.indexOf(root)}/${relative(root, path)}`;
  }
}

const INTRODUCTION =
  "A skill is a file of instructions for one kind of task. When the user names one, as `$name` or in words, or a task is what its description says, read the whole file before you begin, and follow it for this turn. Paths in it are relative to its directory. If it cannot be read, say so and go on without.";

const ROOT_LINE = /^- `r(\d+)` = `(.*)`$/;
const SKILL_LINE = /^- (.*?): (.*) \(file: (.*)\)$/;
const BELOW_ROOT = /^r(\d+)\/(.*)$/;

/**
 * The skills that a section lists, of Codex's sections too, in a form that {@link skillsBody} makes the same lines of. `undefined` when a line of its list is not readable.
 */
export function readSkillsBody(body: string): readonly Skill[] | undefined {
  const lines = body.split("\n");
  const start = lines.indexOf("### Available skills");
  const roots = new Map(lines.slice(0, start).flatMap(readRoot));
  const list = lines.slice(start + 1).filter((line) => line.startsWith("- "));
  const skills = list.map((line) => readSkillLine(line, roots));
  const readable = skills.filter((skill) => skill !== undefined);
  return start === -1 || readable.length < skills.length ? undefined : readable;
}

function readRoot(line: string): readonly (readonly [index: string, root: string])[] {
  const [, index, root] = ROOT_LINE.exec(line) ?? [];
  return index === undefined || root === undefined ? [] : [[index, root]];
}

function readSkillLine(line: string, roots: ReadonlyMap<string, string>): Skill | undefined {
  const [, name, description, file] = SKILL_LINE.exec(line) ?? [];
  if (name === undefined || description === undefined || file === undefined) return undefined;
  const [, index = "", below] = BELOW_ROOT.exec(file) ?? [];
  if (below === undefined) {
    return { name, description, path: file, root: dirname(dirname(file)) };
  }
  const root = roots.get(index);
  return root === undefined ? undefined : { name, description, path: join(root, below), root };
}
