/** How a turn works with its user. */
export interface CollaborationMode {
  /** In `plan` the model works out a plan and may ask the user; it is trusted to change nothing. */
  readonly kind: "default" | "plan";
  /** Text for the model about the mode. Default: one of ours in plan mode, none otherwise. */
  readonly instructions?: string | undefined;
}

const PLAN =
  "You are in plan mode: work out with the user what is to be done, and do not do it. Read files and run commands that change nothing. Ask with `request_user_input` what you cannot find out and what only the user can decide. When nothing is open any more, write down the plan and stop.";

const NO_MODE = "The mode before has ended; its instructions do not hold any more.";

/** Text for the model about a mode; `undefined`: none. */
export function modeInstructions({ kind, instructions }: CollaborationMode): string | undefined {
  return instructions ?? (kind === "plan" ? PLAN : undefined);
}

/** The same where another mode went before. */
export function newModeInstructions(mode: CollaborationMode): string {
  return modeInstructions(mode) ?? NO_MODE;
}
