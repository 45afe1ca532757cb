import type { ApprovalPolicy, CollaborationMode, SandboxMode } from "@codex-ts/core";

/** The sandbox of a thread as clients read it. */
export function toSandboxPolicy(mode: SandboxMode): object {
  switch (mode) {
    case "danger-full-access":
      return { type: "dangerFullAccess" };
    case "read-only":
      return { type: "readOnly", networkAccess: false };
    case "workspace-write":
      return {
        type: "workspaceWrite",
        writableRoots: [],
        networkAccess: false,
        excludeTmpdirEnvVar: false,
        excludeSlashTmp: false,
      };
    default:
      return mode satisfies never;
  }
}

/** Where the commands of a thread run, as today's Codex names it. */
export function toEnvironment(cwd: string): object {
  return { environmentId: "local", cwd, runtimeWorkspaceRoots: [cwd] };
}

/** Settings of a thread that turns may change, and that stay changed. */
export interface ThreadSettingsFacts {
  readonly cwd: string;
  readonly model: string;
  readonly modelProvider: string;
  readonly approvalPolicy: ApprovalPolicy;
  readonly sandboxMode: SandboxMode;
  readonly serviceTier: string | null | undefined;
  readonly reasoningEffort: string | undefined;
  readonly reasoningSummary: string | undefined;
  /** How turns work with the user. Default: the mode nobody has set. */
  readonly collaborationMode?: CollaborationMode | undefined;
}
