import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One line of a `requirements.json`: something the project claims, where that comes from, and whether it is still open. */
export interface Requirement {
  /** `<package>/<row>`, unique in the repository. */
  readonly id: string;
  readonly behaviour: string;
  /** Where the behaviour is written down: document and section. */
  readonly source: string;
  /** Codex version it was observed in, where versions differ. */
  readonly version?: string;
  /** Present while the behaviour is missing; its test is an expected failure. */
  readonly gap?: { readonly issue: number; readonly reason: string };
}

/** A requirement id found in a test's title. */
export interface RequirementTag {
  readonly id: string;
  readonly file: string;
  readonly isExpectedFailure: boolean;
}

/** Folders that hold packages with a `test/` folder, relative to the repository root. */
export function testedFolders(root: string): string[] {
  return ["packages", "apps", "tooling"].flatMap((group) =>
    readdirSync(join(root, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, group, entry.name, "test")))
      .map((entry) => join(group, entry.name)),
  );
}

export function readRequirements(root: string, folder: string): Requirement[] {
  const file = join(root, folder, "test", "requirements.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Requirement[]) : [];
}

/** The tags in the test titles below a folder. Titles have to be literal for a tag to count. */
export function readRequirementTags(root: string, folder: string): RequirementTag[] {
  const base = join(root, folder, "test");
  return readdirSync(base, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .flatMap((file) => tagsOf(join(folder, "test", file), readFileSync(join(base, file), "utf8")));
}

const TAG = /\[([a-z][a-z-]*\/[A-Za-z0-9][\w.-]*)\]/g;
const TEST_FUNCTION = /\b(?:test|it)(?:\.\w+)*(?=\s*[(`])/g;

function tagsOf(file: string, source: string): RequirementTag[] {
  return [...source.matchAll(TAG)].map((tag) => {
    const callBefore = [...source.slice(0, tag.index).matchAll(TEST_FUNCTION)].at(-1);
    return {
      id: tag[1] ?? "",
      file,
      isExpectedFailure: callBefore?.[0].includes(".fails") ?? false,
    };
  });
}
