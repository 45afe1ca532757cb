import { appendFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { makeDirectory, readPlainFile, readPlainText } from "@codex-ts/api/internal";
import { ExecPolicy } from "./exec-policy.ts";
import { parseRules } from "./rules/parse-rules.ts";

/** Directory of rules files in a directory of configuration. */
const RULES = "rules";
const EXTENSION = ".rules";
/** The file that approved prefixes are written to. */
const KEPT_RULES = "default.rules";
const MAX_FILE_BYTES = 1_048_576;
/** Most files of one directory. */
const MAX_FILES = 1000;

/** Options of {@link readExecPolicy}. */
export interface ReadExecPolicyOptions {
  /** Codex's home directory, absolute; its `rules/*.rules` are read, and prefixes that the user allows for good are written to `rules/default.rules`. */
  readonly codexHome: string;
  /**
   * Directories whose `.codex/rules/*.rules` are read, too, absolute. Rules let commands run without asking and without a sandbox:
   * name only projects the user trusts. Default none.
   */
  readonly trustedProjects?: readonly string[] | undefined;
}

/** The rules there are. */
export interface FoundExecPolicy {
  /** For `execPolicy` of a thread. */
  readonly execPolicy: ExecPolicy;
  /** Warnings for the user, one line each: files that cannot be read, none of whose rules holds. The rules of the others do. */
  readonly warnings: readonly string[];
}

/** Reads the rules about commands: the files of the user, then those of projects, by name. Never throws for a file. */
export function readExecPolicy({
  codexHome,
  trustedProjects = [],
}: ReadExecPolicyOptions): FoundExecPolicy {
  const folder = join(codexHome, RULES);
  const execPolicy = new ExecPolicy((prefix) => keepPrefix(folder, prefix));
  const warnings: string[] = [];
  const folders = [folder, ...trustedProjects.map((project) => join(project, ".codex", RULES))];
  for (const path of new Set(folders.flatMap((one) => rulesFiles(one, warnings)))) {
    try {
      const bytes = readPlainFile(path, { maxBytes: MAX_FILE_BYTES });
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      execPolicy.add(parseRules(text, path));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const named = reason.startsWith(path) ? reason : `${path}: ${reason}`;
      warnings.push(`a rules file cannot be read, so none of its rules holds: ${named}`);
    }
  }
  return { execPolicy, warnings };
}

function rulesFiles(folder: string, warnings: string[]): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(EXTENSION));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") warnings.push(`rules cannot be read: ${(error as Error).message}`);
    return [];
  }
  if (names.length > MAX_FILES) {
    warnings.push(`${folder} has more than ${MAX_FILES} rules files; the others do not hold`);
  }
  return names
    .toSorted()
    .slice(0, MAX_FILES)
    .map((name) => join(folder, name));
}

/**
 * Appends a rule, on a line of its own; nothing that is there is touched. Throws with errors of the file system, and for a
 * file whose rules would not be read.
 */
async function keepPrefix(folder: string, prefix: readonly string[]): Promise<void> {
  const path = join(folder, KEPT_RULES);
  const words = prefix.map((word) => JSON.stringify(word)).join(", ");
  const line = `prefix_rule(pattern=[${words}], decision="allow")`;
  makeDirectory(folder);
  const before = existsSync(path) ? readPlainText(path, { maxBytes: MAX_FILE_BYTES }) : "";
  if (before.split("\n").includes(line)) return;
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  appendFileSync(path, `${gap}${line}\n`, { mode: 0o600 });
}
