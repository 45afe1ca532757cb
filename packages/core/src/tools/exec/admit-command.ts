import type { ApprovalPolicy, SandboxMode } from "../../policies.ts";
import { sandboxed } from "../sandbox/sandbox.ts";
import type { SandboxedCommand } from "../sandbox/sandbox.ts";
import { ToolError } from "../tool.ts";
import type { ToolCall } from "../tool.ts";
import type { PatchSettings } from "../patch/patch-settings.ts";
import { approveCommand } from "./approve-command.ts";
import type { ApprovableCommand, CommandApprovalSettings } from "./approve-command.ts";
import type { ExecReporter } from "./exec-reporter.ts";
import type { CommandSettings } from "./start-command.ts";

/** Settings by which commands of a model are let through. */
type AdmissionSettings = CommandApprovalSettings &
  Pick<CommandSettings, "sessions" | "env"> &
  Pick<PatchSettings, "sandbox">;

/** How the model reads that a command is not run, by tool. */
export interface RefusalTexts {
  /** Rules or policy forbid it. */
  readonly refused: (reason: string) => string;
  /** The user has said no, or could not be asked. */
  readonly denied: (reason: string) => string;
  /** Also a warning to the user, once, as the next. */
  readonly nobodyToAsk: (policy: ApprovalPolicy) => string;
  readonly noSandbox: (mode: SandboxMode, problem: string) => string;
}

/**
 * Resolves with a command in its sandbox when it may run. Rejects with a `ToolError` when it may not, once that has been shown; with
 * the signal's reason when the turn is left meanwhile.
 */
export async function admitCommand(
  settings: AdmissionSettings,
  call: ToolCall,
  wanted: ApprovableCommand,
  { reporter, texts }: { readonly reporter: ExecReporter; readonly texts: RefusalTexts },
): Promise<SandboxedCommand> {
  const decline = (refusal: string): ToolError => {
    settings.sessions.warnOnce(() => call.report.emit({ type: "warning", message: refusal }));
    reporter.declined();
    return new ToolError(refusal);
  };
  const approval = await approveCommand(settings, call, wanted);
  switch (approval.type) {
    case "run":
      break;
    case "refuse":
      throw new ToolError(texts.refused(approval.reason));
    case "deny":
      reporter.declined();
      approval.resolve();
      call.signal.throwIfAborted();
      throw new ToolError(texts.denied(approval.reason));
    case "nobody_to_ask":
      throw decline(texts.nobodyToAsk(call.approvalPolicy));
  }
  const sandbox = await sandboxed(wanted.command, {
    ...call,
    sandboxMode: approval.isUnsandboxed ? "danger-full-access" : call.sandboxMode,
    settings: settings.sandbox,
    directory: wanted.cwd,
    env: settings.env,
  });
  if ("problem" in sandbox) throw decline(texts.noSandbox(call.sandboxMode, sandbox.problem));
  return sandbox;
}
