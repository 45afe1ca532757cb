import type { JsonObject } from "@codex-ts/protocol";
import type { SandboxMode } from "../policies.ts";
import type { SessionGeneration } from "./session-line.ts";

/** Directories under a writable root that stay read-only. */
const PROTECTED: Readonly<Record<SessionGeneration, readonly string[]>> = {
  "0.140": [".git", ".agents", ".codex"],
  "0.171": [".git", ".agents", ".codex", ".aws"],
};

/** `sandbox_policy` of a session file. */
export function sandboxPolicy(mode: SandboxMode): JsonObject {
  if (mode !== "workspace-write") return { type: mode };
  return {
    type: mode,
    network_access: false,
    exclude_tmpdir_env_var: false,
    exclude_slash_tmp: false,
  };
}

/** The files that commands may read and write, as entries of a session file; `undefined`: all. */
function fileSystemEntries(
  mode: SandboxMode,
  cwd: string,
  generation: SessionGeneration,
): readonly JsonObject[] | undefined {
  if (mode === "danger-full-access") return undefined;
  const root = special("root", "read");
  if (mode === "read-only") return [root];
  const ifMissing = generation === "0.171" ? { missing_path_behavior: "skip" } : {};
  return [
    root,
    { path: { type: "path", path: cwd }, access: "write" },
    special("slash_tmp", "write"),
    special("tmpdir", "write"),
    ...PROTECTED[generation].map((name) => ({
      path: { type: "path", path: `${cwd}/${name}` },
      access: "read",
      ...ifMissing,
    })),
  ];
}

/** `permission_profile` of a session file. */
export function permissionProfile(
  mode: SandboxMode,
  cwd: string,
  generation: SessionGeneration,
): JsonObject {
  const entries = fileSystemEntries(mode, cwd, generation);
  if (entries === undefined) return { type: "disabled" };
  return {
    type: "managed",
    file_system: { type: "restricted", entries },
    network: "restricted",
  };
}

/** `file_system_sandbox_policy` of a turn, which stands there only where roots are writable, as a member to spread. */
export function fileSystemPolicy(
  mode: SandboxMode,
  cwd: string,
  generation: SessionGeneration,
): { readonly file_system_sandbox_policy?: JsonObject } {
  const entries = mode === "workspace-write" ? fileSystemEntries(mode, cwd, generation) : undefined;
  if (entries === undefined) return {};
  return { file_system_sandbox_policy: { kind: "restricted", entries } };
}

function special(kind: string, access: "read" | "write"): JsonObject {
  return { path: { type: "special", value: { kind } }, access };
}
