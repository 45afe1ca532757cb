import type { SandboxMode } from "../policies.ts";

/** Facts that decide which files commands may read and write. */
export interface FileSystemFacts {
  /** Absolute. */
  readonly cwd: string;
  readonly sandboxMode: SandboxMode;
  /** Directories under a writable root that stay read-only. */
  readonly protectedFolders: readonly string[];
}

/** A path, or one of the places that have a name of their own, and what commands may do there. */
export interface FileSystemRight {
  readonly access: "read" | "write";
  readonly kind: "path" | "special";
  readonly value: string;
}

/** The files that commands may read and write, in the order Codex lists them; `undefined`: all. */
export function fileSystemRights({
  sandboxMode,
  cwd,
  protectedFolders,
}: FileSystemFacts): readonly FileSystemRight[] | undefined {
  if (sandboxMode === "danger-full-access") return undefined;
  const root: FileSystemRight = { access: "read", kind: "special", value: "root" };
  if (sandboxMode === "read-only") return [root];
  return [
    root,
    { access: "write", kind: "path", value: cwd },
    { access: "write", kind: "special", value: "slash_tmp" },
    { access: "write", kind: "special", value: "tmpdir" },
    ...protectedFolders.map(
      (folder) => ({ access: "read", kind: "path", value: `${cwd}/${folder}` }) as const,
    ),
  ];
}
