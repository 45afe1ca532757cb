import { fallbackModelInfo } from "@codex-ts/model-provider";
import type { ModelInfo } from "@codex-ts/protocol";
import type { ContextMessage } from "../context/context-messages.ts";
import type { ContextFacts } from "../context/context-sections.ts";
import { contextUpdate } from "../context/context-update.ts";
import { initialContext } from "../context/initial-context.ts";
import { localDate, systemTimezone } from "../context/local-time.ts";
import type { RecordedContext } from "../events/recorded-context.ts";
import type { ThreadFacts } from "../thread/thread-state.ts";
import type { TurnSettings } from "./turn-settings.ts";
import type { TurnContext } from "./turn-context.ts";

/** The system text of a model. */
export function modelInstructions(model: ModelInfo): string {
  return model.base_instructions || fallbackModelInfo(model.slug).base_instructions;
}

/** The whole context of a turn, for a model that knows nothing. */
export function wholeContext(turn: TurnContext, now: Surroundings): readonly ContextMessage[] {
  return initialContext(contextFacts(turn, now));
}

/** Records the surroundings of a turn, as far as they are new to the model. */
export function recordContext(turn: TurnContext): void {
  const { thread } = turn;
  const known = thread.referenceContext;
  // A compaction of this turn has put it into the history.
  if (known?.turnId === turn.turnId) return;
  const now = surroundings(thread.facts, turn.settings);
  const facts = contextFacts(turn, now);
  const messages = known === undefined ? initialContext(facts) : contextUpdate(facts, known);
  const ofFork = thread.isFork ? (facts.agents?.ofFork ?? []) : [];
  thread.isFork = false;
  for (const { item, contentKinds } of [...messages, ...ofFork])
    turn.record(item, { contentKinds });
  noteContext(turn, now, { isWhole: known === undefined });
}

/** From now on the model knows these surroundings of this turn. */
export function noteContext(
  turn: TurnContext,
  now: Surroundings,
  { isWhole }: { readonly isWhole: boolean },
): void {
  const { thread, turnId } = turn;
  const context = { turnId, ...now };
  thread.referenceContext = context;
  thread.previousModel = turn.settings.model;
  turn.emit({ type: "context_recorded", context, isWhole });
}

/** Settings and surroundings at one moment. */
export type Surroundings = Omit<RecordedContext, "turnId"> &
  Pick<ContextFacts, "shell" | "currentDate" | "timezone" | "skills">;

/** Settings and surroundings of a turn that begins now. */
export function surroundings(
  { now, env, shell }: Pick<ThreadFacts, "now" | "env" | "shell">,
  settings: TurnSettings,
): Surroundings {
  return {
    cwd: settings.cwd,
    model: settings.model.slug,
    approvalPolicy: settings.approvalPolicy,
    sandboxMode: settings.sandboxMode,
    shell,
    currentDate: localDate(now()),
    timezone: systemTimezone(env),
    reasoningEffort: settings.reasoningEffort,
    reasoningSummary: settings.reasoningSummary ?? settings.model.default_reasoning_summary,
    userInstructions: settings.userInstructions,
    skills: settings.skills,
  };
}

function contextFacts({ settings, thread }: TurnContext, now: Surroundings): ContextFacts {
  const { facts } = thread;
  const previousSlug = thread.previousModel?.slug ?? thread.referenceContext?.model;
  const isOtherModel = previousSlug !== undefined && previousSlug !== settings.model.slug;
  return {
    ...now,
    ...facts.contextOptions,
    form: facts.profile.context,
    protectedFolders: facts.profile.context.protectedFolders,
    newModelInstructions: isOtherModel ? modelInstructions(settings.model) : undefined,
  };
}
