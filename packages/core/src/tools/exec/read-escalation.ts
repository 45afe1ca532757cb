import type { WantedCommand } from "../../exec-policy/command-verdict.ts";
import type { CommandUnderstanding } from "../../compatibility/compatibility-profile.ts";
import { mayAskAbout, ruleOf } from "../../policies.ts";
import type { ApprovalPolicy } from "../../policies.ts";
import type { ArgumentReader } from "../arguments.ts";
import { failArguments } from "../arguments.ts";
import { ToolError } from "../tool.ts";
import type { ToolCall } from "../tool.ts";

/** Names of policies as Codex's texts have them. */
const POLICY_NAMES: Readonly<Record<Extract<ApprovalPolicy, string>, string>> = {
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
  {
    justificationNeedsEscalation,
    granular,
  }: Pick<CommandUnderstanding, "justificationNeedsEscalation" | "granular">,
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
  const isGranular = typeof approvalPolicy === "object";
  const canEscalate = canBeEscalated(approvalPolicy) && (granular.canEscalate || !isGranular);
  if (isEscalated && !canEscalate) {
    const policy = nameOf(approvalPolicy);
    throw new ToolError(
      `approval policy is ${policy}; reject command — you ${verb} ask for escalated permissions if the approval policy is ${policy}`,
    );
  }
  return { isEscalated, justification, prefixRule };
}

function canBeEscalated(policy: ApprovalPolicy): boolean {
  return ruleOf(policy) === "on-request" && mayAskAbout(policy, "sandbox_approval");
}

/** The policy in the words of Codex, whose text shows it as its program holds it. */
function nameOf(policy: ApprovalPolicy): string {
  if (typeof policy === "string") return POLICY_NAMES[policy];
  const { sandbox_approval, rules, skill_approval, request_permissions, mcp_elicitations } =
    policy.granular;
  const members = {
    sandbox_approval,
    rules,
    skill_approval,
    request_permissions,
    mcp_elicitations,
  };
  const text = Object.entries(members).map(([name, isOn]) => `${name}: ${isOn}`);
  return `Granular(GranularApprovalConfig { ${text.join(", ")} })`;
}
