import { basename } from "node:path";
import { fileSystemRights } from "./file-system-rights.ts";
import type { FileSystemFacts, FileSystemRight } from "./file-system-rights.ts";

/** Where the agent works, as the model reads it. */
export interface EnvironmentFacts extends FileSystemFacts {
  /** Path of the shell; its last segment is shown. */
  readonly shell: string;
  /** `YYYY-MM-DD`, local. */
  readonly currentDate: string;
  /** IANA name. */
  readonly timezone: string;
}

/** The facts of an environment that the model may know already; `undefined`: it is not known whether. */
export type KnownEnvironment = {
  readonly [Name in Exclude<keyof EnvironmentFacts, "shell" | "protectedFolders">]:
    | EnvironmentFacts[Name]
    | undefined;
};

/**
 * The `<environment_context>` block of a thread's first user message. Source: docs/behavior/core.md 4.3, form of 0.140.
 */
export function environmentContext(facts: EnvironmentFacts): string {
  return block([...places(facts), ...times(facts), fileSystemContext(facts)]);
}

/** The block of a later turn: what is new to the model. `undefined` when nothing is. */
export function environmentUpdate(
  facts: EnvironmentFacts,
  known: KnownEnvironment,
): string | undefined {
  const isNew = (name: keyof KnownEnvironment): boolean =>
    known[name] !== undefined && known[name] !== facts[name];
  const isElsewhere = isNew("cwd");
  const hasOtherRights = isElsewhere || isNew("sandboxMode");
  if (!hasOtherRights && !isNew("currentDate") && !isNew("timezone")) return undefined;
  return block([
    ...(isElsewhere ? places(facts) : []),
    ...times(facts),
    ...(hasOtherRights ? [fileSystemContext(facts)] : []),
  ]);
}

function block(lines: readonly string[]): string {
  const indented = lines.map((line) => `  ${line}`);
  return ["<environment_context>", ...indented, "</environment_context>"].join("\n");
}

function places({ cwd, shell }: EnvironmentFacts): string[] {
  return [`<cwd>${escapeXml(cwd)}</cwd>`, `<shell>${escapeXml(basename(shell))}</shell>`];
}

function times({ currentDate, timezone }: EnvironmentFacts): string[] {
  return [
    `<current_date>${currentDate}</current_date>`,
    `<timezone>${escapeXml(timezone)}</timezone>`,
  ];
}

/** The `<filesystem>` block: the files that commands may read and write, as the model reads it. */
export function fileSystemContext(facts: FileSystemFacts): string {
  return `<filesystem><workspace_roots><root>${escapeXml(facts.cwd)}</root></workspace_roots>${permissionProfile(facts)}</filesystem>`;
}

function permissionProfile(facts: FileSystemFacts): string {
  const rights = fileSystemRights(facts);
  if (rights === undefined) {
    return `<permission_profile type="disabled"><file_system type="unrestricted" /></permission_profile>`;
  }
  return `<permission_profile type="managed"><file_system type="restricted">${rights.map(entry).join("")}</file_system></permission_profile>`;
}

function entry({ access, kind, value }: FileSystemRight): string {
  const text = kind === "special" ? `:${value}` : escapeXml(value);
  return `<entry access="${access}"><${kind}>${text}</${kind}></entry>`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
}
