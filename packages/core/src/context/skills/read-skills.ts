import { readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { projectDirectories } from "../project-directories.ts";
import { readFrontMatter } from "./front-matter.ts";
import type { Skill } from "./skill.ts";

const SKILL_FILE = "SKILL.md";
/** Directories of a project that hold skills. */
const PROJECT_DIRECTORIES = [join(".agents", "skills"), join(".codex", "skills")];
/** How deep skills lie below their directory at most. */
const MAX_DEPTH = 6;
/** Longest name and description, in characters; they stand in every request. */
const MAX_NAME_CHARACTERS = 64;
const MAX_DESCRIPTION_CHARACTERS = 1024;
/** Longest skill that is read; every use puts the whole of it into the conversation. */
const MAX_SKILL_BYTES = 1_048_576;

/** Options of {@link readSkills}. */
export interface ReadSkillsOptions {
  /** Working directory of the agent, absolute. */
  readonly cwd: string;
  /** Home directory of the user, whose `.agents/skills` is read. Default: none is. */
  readonly userHome?: string | undefined;
  /** Home directory of Codex, whose `skills` is read. Default: none is. */
  readonly codexHome?: string | undefined;
  /** Names that make a directory the root of a project. Default `.git`. */
  readonly rootMarkers?: readonly string[] | undefined;
}

/** The skills there are. */
export interface FoundSkills {
  /** For `skills` of a thread: those of the project, then those of the user, each by name. */
  readonly skills: readonly Skill[];
  /** Warnings for the user, one line each: files that are no skills. */
  readonly warnings: readonly string[];
}

/**
 * Finds skills: each a directory with a `SKILL.md` that begins with front matter (`name`, `description`), below
 * `.agents/skills` and `.codex/skills` of the directories of the project, or below those of the user. Never rejects for
 * a file. Source: docs/behavior/core.md 4.3; places and order as seen in 0.140 and 0.171.
 */
export async function readSkills(options: ReadSkillsOptions): Promise<FoundSkills> {
  const warnings: string[] = [];
  const directories = await projectDirectories(options.cwd, options.rootMarkers);
  const projectRoots = directories.flatMap((directory) =>
    PROJECT_DIRECTORIES.map((name) => join(directory, name)),
  );
  const userRoots = [
    ...(options.codexHome === undefined ? [] : [join(options.codexHome, "skills")]),
    ...(options.userHome === undefined ? [] : [join(options.userHome, ".agents", "skills")]),
  ].filter((root) => !projectRoots.includes(root));
  const ofProject = await readRoots(projectRoots, warnings);
  const ofUser = await readRoots(userRoots, warnings);
  return { skills: [...ofProject, ...ofUser], warnings };
}

async function readRoots(roots: readonly string[], warnings: string[]): Promise<Skill[]> {
  const skills: Skill[] = [];
  for (const root of roots) {
    for (const path of await skillFiles(root, MAX_DEPTH)) {
      const skill = await readSkill(path, root);
      if (typeof skill === "string") warnings.push(`skill ${path}: ${skill}`);
      else skills.push(skill);
    }
  }
  return skills.toSorted((left, right) => compare(left.name, right.name));
}

/** Code-unit order, the same in every locale. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Links to directories are followed, as people link their skills; the depth ends a circle. */
async function skillFiles(directory: string, depth: number): Promise<string[]> {
  const names = await readdir(directory).catch((): string[] => []);
  if (names.includes(SKILL_FILE)) return [join(directory, SKILL_FILE)];
  if (depth === 0) return [];
  const found: string[] = [];
  for (const name of names.toSorted()) {
    const path = join(directory, name);
    if (name.startsWith(".") || !(await isDirectory(path))) continue;
    found.push(...(await skillFiles(path, depth - 1)));
  }
  return found;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

/** The skill of a file, or why it is none. */
async function readSkill(path: string, root: string): Promise<Skill | string> {
  const text = await readSkillText(path);
  if (typeof text !== "string") return text.problem;
  const fields = readFrontMatter(text);
  if (fields === undefined) return "it does not begin with front matter between two lines `---`";
  const name = oneLine(fields.get("name") ?? "") || basename(dirname(path));
  const description = oneLine(fields.get("description") ?? "");
  if (description === "") return "it has no description";
  if (name.length > MAX_NAME_CHARACTERS) return `its name is longer than ${MAX_NAME_CHARACTERS}`;
  return { name, description: description.slice(0, MAX_DESCRIPTION_CHARACTERS), path, root };
}

/** The text of a skill, or why there is none. */
export async function readSkillText(path: string): Promise<string | { readonly problem: string }> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) return { problem: "it is no file" };
    if (facts.size > MAX_SKILL_BYTES)
      return { problem: `it is longer than ${MAX_SKILL_BYTES} bytes` };
    return await readFile(path, "utf8");
  } catch (error) {
    return { problem: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})` };
  }
}

function oneLine(text: string): string {
  return text.split(/\s+/).join(" ").trim();
}
