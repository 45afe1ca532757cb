import { policyName } from "../policies.ts";
import type { ApprovalPolicy, SandboxMode } from "../policies.ts";
import type { WorkspaceWriteOptions } from "../tools/sandbox/writable-roots.ts";

/** The `<permissions instructions>` section: what commands may do here and who may be asked. */
export function permissionsInstructions(options: {
  readonly sandboxMode: SandboxMode;
  readonly approvalPolicy: ApprovalPolicy;
  /** Whether the application asks the user. */
  readonly canAsk: boolean;
  /** The first writable root of `workspace-write`. */
  readonly cwd: string;
  readonly workspaceWrite: WorkspaceWriteOptions;
}): string {
  const { sandboxMode, workspaceWrite } = options;
  const isWorkspace = sandboxMode === "workspace-write";
  const hasNetwork =
    sandboxMode === "danger-full-access" || (isWorkspace && workspaceWrite.networkAccess === true);
  const lines = [
    `Sandbox mode: \`${options.sandboxMode}\`. ${SANDBOX_TEXTS[options.sandboxMode]}`,
    `Network access: ${hasNetwork ? "enabled" : "restricted"}.`,
    `Approval policy: \`${policyName(options.approvalPolicy)}\`. ${approvalText(options)}`,
  ];
  if (isWorkspace) {
    const roots = [options.cwd, ...(workspaceWrite.writableRoots ?? [])];
    lines.push(`Writable roots: ${roots.map((root) => `\`${root}\``).join(", ")}.`);
  }
  return `<permissions instructions>\n${lines.join("\n")}\n</permissions instructions>`;
}

const SANDBOX_TEXTS: Readonly<Record<SandboxMode, string>> = {
  "danger-full-access": "Commands run without a sandbox and can change every file this user can.",
  "workspace-write": "Files can be read everywhere and changed in the writable roots only.",
  "read-only": "Files can be read; nothing can be changed.",
};

const NOBODY =
  "Nobody is asked during this session: what would need an approval is refused, so do not request one.";

const APPROVAL_TEXTS: Readonly<Record<Extract<ApprovalPolicy, string>, string>> = {
  never: NOBODY,
  untrusted:
    "The user is asked before every command that is not known to only read, and before every patch.",
  "on-failure": "The user is asked before a patch is written outside of the writable roots.",
  "on-request":
    "A command that needs more than the sandbox allows can be run without it: call it with `sandbox_permissions` set to `require_escalated` and a `justification` in one sentence, and the user is asked. The user is also asked before a patch is written outside of the writable roots. Ask rarely.",
};

function approvalText({
  approvalPolicy,
  canAsk,
}: {
  readonly approvalPolicy: ApprovalPolicy;
  readonly canAsk: boolean;
}): string {
  if (!canAsk) return NOBODY;
  if (typeof approvalPolicy === "string") return APPROVAL_TEXTS[approvalPolicy];
  const {
    sandbox_approval: hasSandbox,
    rules,
    mcp_elicitations: hasElicitations,
  } = approvalPolicy.granular;
  return [
    hasSandbox
      ? APPROVAL_TEXTS["on-request"]
      : "Nobody is asked about commands that need more than the sandbox allows, or patches outside of the writable roots: they are refused, so do not request them.",
    `Commands that the user's rules want approved are ${rules ? "asked about" : "refused unasked"}.`,
    `Questions of MCP servers are ${hasElicitations ? "put to the user" : "declined unasked"}.`,
  ].join(" ");
}
