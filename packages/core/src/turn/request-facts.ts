import type { ModelInfo } from "@codex-ts/protocol";
import type { RequestIdentity } from "../client/model-client-options.ts";
import type { Prompt } from "../client/request-builder.ts";
import type { SamplingRequest } from "../client/sampling-request.ts";
import { sandboxTag } from "../metadata/sandbox-tag.ts";
import type { TurnContext } from "./turn-context.ts";
import type { TurnSettings } from "./turn-settings.ts";

/** Who asks, as the metadata of every request of a turn says it. */
export function requestIdentity(turn: TurnContext): Omit<RequestIdentity, "requestKind"> {
  const { settings, origin } = turn;
  return {
    turnId: turn.turnId,
    workspaces: turn.workspaces,
    turnStartedAtUnixMs: turn.startedMs,
    rootTurnId: turn.options.rootTurnId,
    parentTurnId: origin.parentTurnId,
    turnTrigger: origin.turnTrigger,
    model: settings.model.slug,
    reasoningEffort: settings.reasoningEffort ?? settings.model.default_reasoning_level,
    sandbox: sandboxTag(settings.sandboxMode),
    sandboxMode: settings.sandboxMode,
    extra: turn.clientMetadata,
  };
}

/** Only what was given: absent members leave the thread's. A turn without a service tier has none. */
export function requestSettings(settings: TurnSettings): NonNullable<SamplingRequest["settings"]> {
  const { model, reasoningEffort, reasoningSummary, serviceTier } = settings;
  return {
    model,
    ...(reasoningEffort !== undefined && { reasoningEffort }),
    ...(reasoningSummary !== undefined && { reasoningSummary }),
    serviceTier,
  };
}

/** The whole history, and the tools, for a model. */
export function historyPrompt({ thread, settings }: TurnContext, model: ModelInfo): Prompt {
  return {
    ...thread.emptyPrompt(model, settings),
    input: thread.facts.history.forPrompt({
      supportsImages: model.input_modalities.includes("image"),
    }),
  };
}
