import { basename } from "node:path";
import type { SandboxMode } from "../policies.ts";

/** Where the agent works, as the model reads it. */
export interface EnvironmentFacts {
  readonly cwd: string;
  /** Path of the shell; its last segment is shown. */
  readonly shell: string;
  readonly sandboxMode: SandboxMode;
  /** `YYYY-MM-DD`, local. */
  readonly currentDate: string;
  /** IANA name. */
  readonly timezone: string;
}

/** Directories under a writable root that stay read-only. */
const PROTECTED_FOLDERS = [".git", ".agents", ".codex"];

/**
 * The `<environment_context>` block of a thread's first user message. Source: docs/behavior/core.md 4.3, form of 0.140.
 */
export function environmentContext(facts: EnvironmentFacts): string {
  return [
    "<environment_context>",
    `  <cwd>${escapeXml(facts.cwd)}</cwd>`,
    `  <shell>${escapeXml(basename(facts.shell))}</shell>`,
    `  <current_date>${facts.currentDate}</current_date>`,
    `  <timezone>${escapeXml(facts.timezone)}</timezone>`,
    `  ${fileSystemContext(facts)}`,
    "</environment_context>",
  ].join("\n");
}

/** The `<filesystem>` block: the files that commands may read and write, as the model reads it. */
export function fileSystemContext(facts: FileSystemFacts): string {
  return `<filesystem><workspace_roots><root>${escapeXml(facts.cwd)}</root></workspace_roots>${permissionProfile(facts)}</filesystem>`;
}

type FileSystemFacts = Pick<EnvironmentFacts, "cwd" | "sandboxMode">;

function permissionProfile({ sandboxMode, cwd }: FileSystemFacts): string {
  if (sandboxMode === "danger-full-access") {
    return `<permission_profile type="disabled"><file_system type="unrestricted" /></permission_profile>`;
  }
  const entries = [entry("read", "special", ":root")];
  if (sandboxMode === "workspace-write") {
    entries.push(
      entry("write", "path", cwd),
      entry("write", "special", ":slash_tmp"),
      entry("write", "special", ":tmpdir"),
      ...PROTECTED_FOLDERS.map((folder) => entry("read", "path", `${cwd}/${folder}`)),
    );
  }
  return `<permission_profile type="managed"><file_system type="restricted">${entries.join("")}</file_system></permission_profile>`;
}

function entry(access: "read" | "write", kind: "path" | "special", value: string): string {
  return `<entry access="${access}"><${kind}>${escapeXml(value)}</${kind}></entry>`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
}
