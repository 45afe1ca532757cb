import type { ModelInfo, ReasoningEffortPreset } from "./model-info.ts";
import type { ReasoningEffort } from "./reasoning.ts";

/** A model as a picker shows it. */
export interface ModelPreset {
  readonly id: string;
  readonly model: string;
  readonly displayName: string;
  readonly description: string;
  /** `none` when the model names no default. */
  readonly defaultReasoningEffort: ReasoningEffort;
  readonly supportedReasoningEfforts: readonly ReasoningEffortPreset[];
  readonly showInPicker: boolean;
  /** Exactly one preset of a list is the default. */
  readonly isDefault: boolean;
}

/** Criteria of {@link toModelPresets}. */
export interface ModelPresetOptions {
  /** With a ChatGPT login also models without `supported_in_api` are offered. */
  readonly hasChatGptAuth: boolean;
}

/**
 * The models to choose from, by priority. The first one the picker shows is the default, or the first of all when it
 * shows none.
 */
export function toModelPresets(
  models: readonly ModelInfo[],
  options: ModelPresetOptions,
): readonly ModelPreset[] {
  const offered = models
    .filter((model) => options.hasChatGptAuth || model.supported_in_api)
    .toSorted((left, right) => left.priority - right.priority);
  const standard = offered.find((model) => model.visibility === "list") ?? offered[0];
  return offered.map((model) => ({
    id: model.slug,
    model: model.slug,
    displayName: model.display_name,
    description: model.description ?? "",
    defaultReasoningEffort: model.default_reasoning_level ?? "none",
    supportedReasoningEfforts: model.supported_reasoning_levels,
    showInPicker: model.visibility === "list",
    isDefault: model === standard,
  }));
}
