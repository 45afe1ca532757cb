import { lstat, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxMode } from "../../policies.ts";

/** Settings that decide where commands and patches may write. */
export interface SandboxSettings {
  /** Directories under a writable root that stay read-only. */
  readonly protectedFolders: readonly string[];
  /** The members of Codex's `sandbox_workspace_write`; they count in that mode only. */
  readonly workspaceWrite: WorkspaceWriteOptions;
}

/** Options of the sandbox mode `workspace-write`. */
export interface WorkspaceWriteOptions {
  /** Further directories that commands and patches may write, absolute. Default none. */
  readonly writableRoots?: readonly string[] | undefined;
  /** Default false. */
  readonly networkAccess?: boolean | undefined;
  /** Keeps the directory `TMPDIR` read-only. Default false. */
  readonly excludeTmpdir?: boolean | undefined;
  /** Keeps `/tmp` read-only. Default false. */
  readonly excludeSlashTmp?: boolean | undefined;
}

/** Directories that commands and patches may write, the working directory first. */
export function writableRoots(
  { workspaceWrite }: Pick<SandboxSettings, "workspaceWrite">,
  facts: {
    readonly sandboxMode: SandboxMode;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): readonly string[] {
  if (facts.sandboxMode !== "workspace-write") return [];
  const { excludeTmpdir = false, excludeSlashTmp = false } = workspaceWrite;
  const temporary = facts.env["TMPDIR"];
  return [
    facts.cwd,
    ...(workspaceWrite.writableRoots ?? []),
    ...(excludeSlashTmp ? [] : ["/tmp"]),
    ...(!excludeTmpdir && temporary?.startsWith("/") === true ? [temporary] : []),
  ];
}

/** The writable roots and the paths below them, as mounts see them. */
export interface MountPlan {
  /** Real paths that are writable, outer ones first. */
  readonly writable: readonly string[];
  /** Real paths below them that are not. */
  readonly protected: readonly string[];
  /** Protected directories that are not there: empty ones have to take their place. */
  readonly missing: readonly string[];
  /** A protected path that is a link, which no mount can protect. */
  readonly link?: string | undefined;
}

/** Looks at the disk. A root that is not there is left out. */
export async function mountPlan(
  roots: readonly string[],
  protectedFolders: readonly string[],
): Promise<MountPlan> {
  const real = await Promise.all(roots.map(realDirectory));
  const writable = [...new Set(real.filter((root) => root !== undefined))].toSorted();
  const [workspace] = real;
  const plan = { protected: [] as string[], missing: [] as string[] };
  let link: string | undefined;
  for (const path of writable.flatMap((root) => protectedFolders.map((name) => join(root, name)))) {
    const found = await lstat(path).catch(() => undefined);
    if (found?.isSymbolicLink() === true) link ??= path;
    else if (found !== undefined) plan.protected.push(path);
    else if (workspace !== undefined && join(path, "..") === workspace) plan.missing.push(path);
  }
  return { writable, ...plan, link };
}

async function realDirectory(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}
