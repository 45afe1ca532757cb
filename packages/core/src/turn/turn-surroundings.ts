import { fallbackModelInfo } from "@codex-ts/model-provider";
import type { ModelInfo } from "@codex-ts/protocol";
import type { ContextItem, ContextMessage } from "../context/context-messages.ts";
import type { ContextFacts } from "../context/context-sections.ts";
import { deferredTools } from "../context/deferred-tools.ts";
import { toolHashes } from "../context/tool-hashes.ts";
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
import type { ThreadFacts, ToldTools } from "../thread/thread-state.ts";
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
  return [...newModelItems(now, known), ...contextUpdate(contextFacts(turn, now), known)];
}

function newModelItems(
  { model, modelItems }: Surroundings,
  known: RecordedContext,
): readonly ContextItem[] {
  if (modelItems === undefined) return [];
  const before = known.modelItems && { ...known.modelItems, model: known.model };
  return modelItemsUpdate({ ...modelItems, model }, before);
}

/**
 * Records what has changed about the tools since the turn told its model of them, as when an MCP server has started
 * meanwhile.
 */
export function recordNewTools(turn: TurnContext): void {
  const { thread } = turn;
  const { facts, referenceContext: known } = thread;
  if (known === undefined || thread.toldTools?.revision === facts.registry.revision) return;
  const now = surroundings(facts, turn.settings, { isWhole: false });
  thread.toldTools = now.toolsNow;
  const context = contextFacts(turn, now);
  const updateSections = context.form.updateSections.filter((name) => name === "tools");
  const news = [
    ...newModelItems(now, known),
    ...contextUpdate({ ...context, form: { ...context.form, updateSections } }, known),
  ];
  if (news.length === 0) return;
  for (const { item, contentKinds } of news) turn.record(item, { contentKinds });
  note(turn, { ...known, ...knownTools(now) }, { isWhole: false });
}

/** From now on the model knows these surroundings of this turn. */
export function noteContext(
  turn: TurnContext,
  now: Surroundings,
  { isWhole }: { readonly isWhole: boolean },
): void {
  const { toolsNow, modelItems: _, ...context } = now;
  turn.thread.toldTools = toolsNow;
  turn.thread.previousModel = turn.settings.model;
  note(turn, { ...context, ...knownTools(now), turnId: turn.turnId }, { isWhole });
}

function note(
  turn: TurnContext,
  context: RecordedContext,
  { isWhole }: { readonly isWhole: boolean },
): void {
  turn.thread.referenceContext = context;
  turn.emit({ type: "context_recorded", context, isWhole });
}

function knownTools({
  modelItems,
  deferredTools: deferred,
}: Surroundings): Pick<RecordedContext, "modelItems" | "deferredTools"> {
  return {
    modelItems: modelItems && {
      tools: modelItems.hashes,
      instructions: modelItems.instructions,
    },
    deferredTools: deferred,
  };
}

/** Settings and surroundings at one moment. */
export type Surroundings = Omit<RecordedContext, "turnId" | "modelItems"> &
  Pick<ContextFacts, "shell" | "currentDate" | "timezone" | "skills" | "mode" | "deferredTools"> & {
    readonly modelItems: ModelItems | undefined;
    readonly toolsNow: ToldTools;
  };

/**
 * Settings and surroundings of a turn that begins now; `isWhole`: for a model that knows nothing. `tools`: as they were at
 * another moment.
 */
export function surroundings(
  facts: ThreadFacts,
  settings: TurnSettings,
  { isWhole, tools }: { readonly isWhole: boolean; readonly tools?: ToldTools | undefined },
): Surroundings {
  const { now, env, shell } = facts;
  const toolsNow = tools ?? currentTools(facts, settings.model);
  return {
    compHash: settings.model.comp_hash,
    isResponsesLite: settings.model.use_responses_lite,
    modelItems: itemsOfModel(facts, settings.model, { isWhole, toolsNow }),
    deferredTools: toolsNow.deferred,
    toolsNow,
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

function currentTools({ registry }: ThreadFacts, model: ModelInfo): ToldTools {
  const { revision, deferred } = registry;
  const specs = model.use_responses_lite ? registry.specs : [];
  return { revision, specs, deferred: deferredTools(deferred) };
}

/** A history that began with another kind of model goes on as it began, until it is compacted. */
function itemsOfModel(
  { profile, history, instructions, instructionsAreOfModel }: ThreadFacts,
  model: ModelInfo,
  { isWhole, toolsNow }: { readonly isWhole: boolean; readonly toolsNow: ToldTools },
): ModelItems | undefined {
  if (!model.use_responses_lite || profile.responsesLite === "flags") return undefined;
  if (!isWhole && !hasToolsItem(history.items)) return undefined;
  const tools = inNamespaces(toolsNow.specs);
  return {
    tools,
    hashes: toolHashes(tools),
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
