import { autoCompactTokenLimit, contextWindowTokens } from "@codex-ts/protocol";
import type { ModelInfo } from "@codex-ts/protocol";
import { estimateUncountedTokens } from "../history/token-estimate.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import type { DueCompaction } from "./compaction-facts.ts";

/** Tokens the next request of a thread would hold: as counted last, and as estimated since. */
function activeContextTokens({
  thread: { tokenCount, facts, reasoningIsCounted },
  settings,
}: TurnContext): number {
  // Such a model is sent the reasoning of all turns.
  const isLite = settings.model.use_responses_lite && facts.profile.responsesLite === "items";
  const { measure } = facts.profile.compaction;
  const options = { reasoningIsCounted: reasoningIsCounted || isLite, measure };
  return tokenCount.lastTokens + estimateUncountedTokens(facts.history.items, options);
}

/**
 * The compaction that has to come before a turn because the model is another one: the history is too long for it, or not
 * in a form it can go on with. The model before makes it.
 */
export function compactionForModel(turn: TurnContext): DueCompaction | undefined {
  const { previousModel: before } = turn.thread;
  const { model: now } = turn.settings;
  if (before === undefined || before.slug === now.slug) return undefined;
  const reason = hasOtherHash(before, now)
    ? "comp_hash_changed"
    : isTooLong(turn, before)
      ? "model_downshift"
      : undefined;
  if (reason === undefined) return undefined;
  return {
    trigger: "auto",
    reason,
    phase: "pre_turn",
    model: before,
    reasoningEffort: supportedEffort(before, turn.settings.reasoningEffort),
  };
}

/** The compaction that is due because the context has grown up to the limit of the turn's model. */
export function compactionForSize(
  turn: TurnContext,
  phase: "pre_turn" | "mid_turn",
): DueCompaction | undefined {
  const limit = autoCompactTokenLimit(turn.settings.model);
  if (limit === undefined || activeContextTokens(turn) < limit) return undefined;
  return { trigger: "auto", reason: "context_limit", phase, ...ofTurn(turn) };
}

/** The compaction of a turn that does nothing else. */
export function compactionOnDemand(turn: TurnContext): DueCompaction {
  return {
    trigger: "manual",
    reason: "user_requested",
    phase: "standalone_turn",
    ...ofTurn(turn),
  };
}

function ofTurn({ settings }: TurnContext): Pick<DueCompaction, "model" | "reasoningEffort"> {
  return { model: settings.model, reasoningEffort: settings.reasoningEffort };
}

function hasOtherHash(before: ModelInfo, now: ModelInfo): boolean {
  return (
    before.comp_hash !== undefined &&
    now.comp_hash !== undefined &&
    before.comp_hash !== now.comp_hash
  );
}

function isTooLong(turn: TurnContext, before: ModelInfo): boolean {
  const { model: now } = turn.settings;
  const limit = autoCompactTokenLimit(now);
  const shrinks = (contextWindowTokens(before) ?? 0) > (contextWindowTokens(now) ?? Infinity);
  return limit !== undefined && shrinks && activeContextTokens(turn) > limit;
}

/** The effort if the model offers it, else the one in the middle of those it offers. As in 0.140 and 0.171. */
function supportedEffort(model: ModelInfo, wanted: string | undefined): string | undefined {
  const offered = model.supported_reasoning_levels.map(({ effort }) => String(effort));
  if (wanted !== undefined && offered.includes(wanted)) return wanted;
  return offered[Math.floor((offered.length - 1) / 2)];
}
