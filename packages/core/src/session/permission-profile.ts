import type { JsonObject } from "@codex-ts/protocol";
import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { fileSystemRights } from "../context/file-system-rights.ts";
import type { FileSystemRight } from "../context/file-system-rights.ts";
import type { SandboxMode } from "../policies.ts";
import type { SessionGeneration } from "./session-line.ts";

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
  sandboxMode: SandboxMode,
  cwd: string,
  generation: SessionGeneration,
): readonly JsonObject[] | undefined {
  const { protectedFolders } = compatibilityProfile(generation).context;
  return fileSystemRights({ sandboxMode, cwd, protectedFolders })?.map((right) =>
    entry(right, generation),
  );
}

function entry(
  { access, kind, value }: FileSystemRight,
  generation: SessionGeneration,
): JsonObject {
  if (kind === "special") return { path: { type: "special", value: { kind: value } }, access };
  const path = { type: "path", path: value };
  const maySkip = generation === "0.171" && access === "read";
  return { path, access, ...(maySkip && { missing_path_behavior: "skip" }) };
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
