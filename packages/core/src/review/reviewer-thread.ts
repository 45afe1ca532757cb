import type { ThreadEvent } from "../events/thread-event.ts";
import type { CodexThread } from "../thread/thread-options.ts";
import type { ResolvedOptions } from "../thread/resolve-options.ts";
import type { TurnSettings } from "../turn/turn-settings.ts";
import { REVIEW_INSTRUCTIONS } from "./review-instructions.ts";

/** Starts the thread of a reviewer for a turn with these settings; `onEvent` receives all that happens in it. */
export type StartReviewer = (
  settings: TurnSettings,
  onEvent: (event: ThreadEvent) => void,
) => CodexThread;

/** Options of a reviewer: those of the thread, with an identity and a system text of its own, and nobody to ask. */
export function reviewerOptions(
  options: ResolvedOptions,
  threadId: string,
  settings: TurnSettings,
): ResolvedOptions {
  const {
    workspace: _workspace,
    subagents: _subagents,
    tools: _tools,
    trace,
    onEvent: _onEvent,
    onWarning: _onWarning,
    forkedFromThreadId: _fork,
    serviceTier: _serviceTier,
    reasoningEffort: _effort,
    reasoningSummary: _summary,
    userInstructions: _userInstructions,
    ...shared
  } = options;
  return {
    ...shared,
    // A recording that the caller has started is of the thread alone.
    ...(trace !== undefined && "root" in trace && { trace }),
    ...withoutUndefined({
      serviceTier: settings.serviceTier,
      reasoningEffort: settings.reasoningEffort,
      reasoningSummary: settings.reasoningSummary,
      userInstructions: settings.userInstructions,
    }),
    model: options.reviewModel ?? settings.model,
    cwd: settings.cwd,
    sandboxMode: settings.sandboxMode,
    approvalPolicy: "never",
    skills: settings.skills,
    baseInstructions: REVIEW_INSTRUCTIONS,
    sessionId: options.sessionId ?? threadId,
    parentThreadId: threadId,
    threadSource: "subagent",
    sessionSource: { subagent: "review" },
  };
}

function withoutUndefined<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: Exclude<Members[Name], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as ReturnType<typeof withoutUndefined<Members>>;
}
