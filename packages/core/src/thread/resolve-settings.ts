import { findModelInfo } from "@codex-ts/model-provider";
import type { TurnSettings } from "../turn/turn-settings.ts";
import { checkAbsolutePath } from "./check-absolute-path.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import type { TurnOptions } from "./thread-options.ts";

/** Settings of turns that are given no others. */
export function threadSettings(options: ResolvedOptions): TurnSettings {
  return {
    cwd: options.cwd,
    model: options.model,
    sandboxMode: options.sandboxMode,
    approvalPolicy: options.approvalPolicy,
    reasoningEffort: options.reasoningEffort,
    reasoningSummary: options.reasoningSummary,
    serviceTier: options.serviceTier,
    userInstructions: options.userInstructions,
    skills: options.skills ?? [],
    mode: { kind: "default" },
  };
}

/** The settings of one turn. Throws `ThreadError` for options that cannot work. */
export function turnSettings(
  thread: TurnSettings,
  turn: TurnOptions,
  { compatibility, models = [] }: Pick<ResolvedOptions, "compatibility" | "models">,
): TurnSettings {
  const { cwd = thread.cwd, model = thread.model, userInstructions } = turn;
  checkAbsolutePath("cwd", cwd);
  return {
    cwd,
    model: typeof model === "string" ? findModelInfo(models, model, { compatibility }).info : model,
    sandboxMode: turn.sandboxMode ?? thread.sandboxMode,
    approvalPolicy: turn.approvalPolicy ?? thread.approvalPolicy,
    reasoningEffort: turn.reasoningEffort ?? thread.reasoningEffort,
    reasoningSummary: turn.reasoningSummary ?? thread.reasoningSummary,
    serviceTier:
      turn.serviceTier === undefined ? thread.serviceTier : (turn.serviceTier ?? undefined),
    userInstructions:
      userInstructions === undefined ? thread.userInstructions : (userInstructions ?? undefined),
    skills: turn.skills ?? thread.skills,
    mode: turn.collaborationMode ?? thread.mode,
  };
}
