import { fallbackModelInfo } from "@codex-ts/model-provider";
import type { ModelInfo } from "@codex-ts/protocol";
import type { ContextItem, ContextMessage } from "../context/context-messages.ts";
import type { ContextFacts } from "../context/context-sections.ts";
import { contextUpdate } from "../context/context-update.ts";
import { initialContext } from "../context/initial-context.ts";
import {
  hasToolsItem,
  inNamespaces,
  modelItemsUpdate,
  wholeModelItems,
} from "../context/model-items.ts";
import type { ModelItems } from "../context/model-items.ts";
import { localDate, systemTimezone } from "../context/local-time.ts";
import type { RecordedContext } from "../events/recorded-context.ts";
import type { ThreadFacts } from "../thread/thread-state.ts";
import type { TurnSettings } from "./turn-settings.ts";
import type { TurnContext } from "./turn-context.ts";

/** The system text of a model. */
export function modelInstructions(model: ModelInfo): string {
  return model.base_instructions || fallbackModelInfo(model.slug).base_instructions;
}

/** The whole context of a turn, for a model that knows nothing: what stands before everything, and what goes with the input. */
export function wholeContext(
  turn: TurnContext,
  now: Surroundings,
): { readonly first: readonly ContextItem[]; readonly messages: readonly ContextMessage[] } {
  return {
    first: now.modelItems === undefined ? [] : wholeModelItems(now.modelItems),
    messages: initialContext(contextFacts(turn, now)),
  };
}

/** Records the surroundings of a turn, as far as they are new to the model. */
export function recordContext(turn: TurnContext): void {
  const { thread } = turn;
  const known = thread.referenceContext;
  // A compaction of this turn has put it into the history.
  if (known?.turnId === turn.turnId) return;
  const isWhole = known === undefined;
  const now = surroundings(thread.facts, turn.settings, { isWhole });
  const context = isWhole
    ? Object.values(wholeContext(turn, now)).flat()
    : newContext(turn, now, known);
  const ofFork = thread.isFork ? (contextFacts(turn, now).agents?.ofFork ?? []) : [];
  thread.isFork = false;
  for (const { item, contentKinds } of [...context, ...ofFork]) {
    turn.record(item, { contentKinds });
  }
  noteContext(turn, now, { isWhole });
}

function newContext(
  turn: TurnContext,
  now: Surroundings,
  known: RecordedContext,
): readonly ContextItem[] {
  const { model, modelItems } = now;
  const before = known.modelItems && { ...known.modelItems, model: known.model };
  return [
    ...(modelItems === undefined ? [] : modelItemsUpdate({ ...modelItems, model }, before)),
    ...contextUpdate(contextFacts(turn, now), known),
  ];
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
  Pick<ContextFacts, "shell" | "currentDate" | "timezone" | "skills" | "mode">;

/** Settings and surroundings of a turn that begins now; `isWhole`: for a model that knows nothing. */
export function surroundings(
  facts: ThreadFacts,
  settings: TurnSettings,
  { isWhole }: { readonly isWhole: boolean },
): Surroundings {
  const { now, env, shell } = facts;
  return {
    compHash: settings.model.comp_hash,
    isResponsesLite: settings.model.use_responses_lite,
    modelItems: itemsOfModel(facts, settings.model, isWhole),
    cwd: settings.cwd,
    model: settings.model.slug,
    approvalPolicy: settings.approvalPolicy,
    sandboxMode: settings.sandboxMode,
    shell,
    currentDate: localDate(now()),
    timezone: systemTimezone(env),
    reasoningEffort: settings.reasoningEffort,
    reasoningSummary: settings.reasoningSummary ?? settings.model.default_reasoning_summary,
    mode: settings.mode,
    userInstructions: settings.userInstructions,
    skills: settings.skills,
  };
}

/** A history that began with another kind of model goes on as it began, until it is compacted. */
function itemsOfModel(
  { profile, history, registry, instructions, instructionsAreOfModel }: ThreadFacts,
  model: ModelInfo,
  isWhole: boolean,
): ModelItems | undefined {
  if (!model.use_responses_lite || profile.responsesLite === "flags") return undefined;
  if (!isWhole && !hasToolsItem(history.items)) return undefined;
  return {
    tools: inNamespaces(registry.specs),
    instructions: instructionsAreOfModel ? modelInstructions(model) : instructions,
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
    // A model that reads its system text among the items needs no further words about another one before it.
    newModelInstructions:
      isOtherModel && now.modelItems === undefined ? modelInstructions(settings.model) : undefined,
  };
}
