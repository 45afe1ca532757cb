import type { ParsedCommand } from "@codex-ts/protocol";
import { APPROVAL_FAILED, isRefusal } from "../../approvals/thread-approvals.ts";
import { commandVerdict } from "../../exec-policy/command-verdict.ts";
import type { WantedCommand } from "../../exec-policy/command-verdict.ts";
import type { ExecPolicy } from "../../exec-policy/exec-policy.ts";
import { scriptOf } from "../../exec-policy/shell-commands.ts";
import type { ShellReader } from "../../exec-policy/shell-commands.ts";
import type { CommandForm } from "../../compatibility/compatibility-profile.ts";
import type { ToolCall } from "../tool.ts";

/** Settings by which commands are approved. */
export interface CommandApprovalSettings {
  /** Rules about commands. */
  readonly execPolicy: ExecPolicy;
  readonly commands: CommandForm;
}

/** A command as it would be started. */
export interface ApprovableCommand extends WantedCommand {
  /** Absolute. */
  readonly cwd: string;
  readonly tty: boolean;
  /** Its actions, as far as its text shows. */
  readonly actions: readonly ParsedCommand[];
  /** With which they were read. */
  readonly reader: ShellReader;
}

/** The outcome for a command. */
export type CommandApproval =
  /** `isUnsandboxed`: with all rights the user has. */
  | { readonly type: "run"; readonly isUnsandboxed: boolean }
  | { readonly type: "refuse"; readonly reason: string }
  /** The user has said no, or could not be asked. `resolve` is called when the end of the command has been shown. */
  | {
      readonly type: "deny";
      /** For the model; machine-read. */
      readonly reason: string;
      readonly resolve: () => void;
    }
  | { readonly type: "nobody_to_ask" };

/** The reason a model reads when the user has said no; machine-read, the same in Codex. */
const REJECTED_BY_USER = "rejected by user";

/** A refusal as Codex words it: as a process that could not be created. Programs look for its parts. */
export function rejected(reason: string): string {
  return `CreateProcess { message: ${quoted(`Rejected(${quoted(reason)})`)} }`;
}

/** Decides whether a command may run, and asks the user where policy and rules want it. Rejects when the turn is left meanwhile. */
export async function approveCommand(
  settings: CommandApprovalSettings,
  call: ToolCall,
  wanted: ApprovableCommand,
): Promise<CommandApproval> {
  const { execPolicy: rules } = settings;
  const understanding = settings.commands.approvals;
  const { reader, isEscalated } = wanted;
  const { approvalPolicy: policy, sandboxMode } = call;
  const verdict = commandVerdict(wanted, { policy, sandboxMode, rules, reader, understanding });
  if (verdict.type === "run") {
    return { type: "run", isUnsandboxed: verdict.isTrusted || isEscalated };
  }
  if (verdict.type === "refuse") return verdict;
  const { approvals } = call;
  if (approvals === undefined) return { type: "nobody_to_ask" };
  const { command, cwd, tty, actions } = wanted;
  const { reason, proposedPrefix } = verdict;
  const key = JSON.stringify(["command", canonical(command, reader), cwd, tty, isEscalated]);
  const outcome = await approvals.ask(
    call,
    {
      type: "command",
      command,
      cwd,
      actions,
      isUnsandboxed: isEscalated || sandboxMode === "danger-full-access",
      ...(reason !== undefined && { reason }),
      ...(proposedPrefix !== undefined && { proposedPrefix }),
    },
    [key],
  );
  if (isRefusal(outcome)) {
    const resolve = (): void => approvals.resolved(call, outcome);
    const isTold = outcome === "failed" && understanding.failedQuestion === "is_told";
    return { type: "deny", reason: isTold ? APPROVAL_FAILED : REJECTED_BY_USER, resolve };
  }
  if (typeof outcome === "object") await allowForGood(rules, outcome.approvedPrefix, call);
  return { type: "run", isUnsandboxed: isEscalated };
}

/** The command without what does not change it, such as the blanks between its words. */
function canonical(command: readonly string[], reader: ShellReader): readonly string[] {
  const { commands, form } = reader.commandsOf(command);
  const [only] = commands;
  if (form === "plain" && commands.length === 1 && only !== undefined) return only;
  // The shell's own path is not the point.
  return ["", ...(scriptOf(command) === undefined ? command : command.slice(1))];
}

async function allowForGood(
  rules: ExecPolicy,
  prefix: readonly string[],
  call: ToolCall,
): Promise<void> {
  try {
    await rules.allow(prefix);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the rule holds for this session only, because it could not be written: ${reason}`;
    call.report.emit({ type: "warning", message });
  }
}

/** A text in quotes, with what a terminal or a parser could take for more than text escaped. */
function quoted(text: string): string {
  const quotedText = JSON.stringify(text).replaceAll("\\b", "\\u0008").replaceAll("\\f", "\\u000c");
  return quotedText.replaceAll(
    /\\u00([0-9a-f]{2})/g,
    (_, code: string) => `\\u{${code.replace(/^0/, "")}}`,
  );
}
