import type { WantedCommand } from "../../exec-policy/command-verdict.ts";
import type { CommandUnderstanding } from "../../compatibility/compatibility-profile.ts";
import type { ApprovalPolicy } from "../../policies.ts";
import type { ArgumentReader } from "../arguments.ts";
import { failArguments } from "../arguments.ts";
import { ToolError } from "../tool.ts";
import type { ToolCall } from "../tool.ts";

/** Names of policies as Codex's texts have them. */
const POLICY_NAMES: Readonly<Record<ApprovalPolicy, string>> = {
  never: "Never",
  "on-failure": "OnFailure",
  "on-request": "OnRequest",
  untrusted: "UnlessTrusted",
};

const PERMISSIONS: readonly string[] = [
  "use_default",
  "require_escalated",
  "with_additional_permissions",
];

/** For models that ask for what there is not; machine-read, the same in Codex. */
const NO_ADDITIONAL_PERMISSIONS =
  "additional permissions are disabled; enable `features.exec_permission_approvals` before using `with_additional_permissions`";
const NOTHING_TO_JUSTIFY =
  '`justification` requires an explicit `sandbox_permissions`; use `sandbox_permissions: "require_escalated"` for unsandboxed execution, or omit `justification`.';

/**
 * The wishes of a model about the rights of a command. Throws `ToolError` for those nobody can grant; `verb`: a word of its text, which
 * is machine-read and not the same for all tools.
 */
export function readEscalation(
  args: ArgumentReader,
  { approvalPolicy }: Pick<ToolCall, "approvalPolicy">,
  { justificationNeedsEscalation }: Pick<CommandUnderstanding, "justificationNeedsEscalation">,
  verb: "cannot" | "should not" = "cannot",
): Omit<WantedCommand, "command"> {
  const permissions = args.string("sandbox_permissions");
  const justification = args.string("justification");
  const prefixRule = args.strings("prefix_rule");
  if (permissions !== undefined && !PERMISSIONS.includes(permissions)) {
    const known = PERMISSIONS.map((name) => `\`${name}\``).join(", ");
    failArguments(`unknown variant \`${permissions}\`, expected one of ${known}`);
  }
  if (permissions === "with_additional_permissions") throw new ToolError(NO_ADDITIONAL_PERMISSIONS);
  if (justificationNeedsEscalation && justification !== undefined && permissions === undefined) {
    throw new ToolError(NOTHING_TO_JUSTIFY);
  }
  const isEscalated = permissions === "require_escalated";
  if (isEscalated && approvalPolicy !== "on-request") {
    const policy = POLICY_NAMES[approvalPolicy];
    throw new ToolError(
      `approval policy is ${policy}; reject command — you ${verb} ask for escalated permissions if the approval policy is ${policy}`,
    );
  }
  return { isEscalated, justification, prefixRule };
}
