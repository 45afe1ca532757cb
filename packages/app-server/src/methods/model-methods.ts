import { toModelPresets } from "@codex-ts/protocol";
import type { ModelInfo, ModelPreset } from "@codex-ts/protocol";
import type { ClientSession } from "../threads/session.ts";
import { newer } from "../wire/generation.ts";
import type { Generation } from "../wire/generation.ts";
import type { Methods } from "./method.ts";
import { pageOf } from "./page.ts";

/** Methods about models. */
export function modelMethods(session: ClientSession): Methods {
  return {
    "model/list": async ({ cursor, limit, includeHidden }) => {
      const models = await session.options.host.models(session.client);
      const presets = toModelPresets(models, { hasChatGptAuth: true });
      const shown = presets.filter(({ showInPicker }) => showInPicker || includeHidden === true);
      const data = shown.map((preset) => {
        const info = models.find(({ slug }) => slug === preset.model);
        return toModel(session.generation, preset, info);
      });
      return pageOf(data, { cursor, limit });
    },
  };
}

function toModel(generation: Generation, preset: ModelPreset, info: ModelInfo | undefined): object {
  return {
    id: preset.id,
    model: preset.model,
    upgrade: null,
    upgradeInfo: null,
    availabilityNux: null,
    displayName: preset.displayName,
    description: preset.description,
    ...newer(generation, { modelSpecialty: null }),
    hidden: !preset.showInPicker,
    supportedReasoningEfforts: preset.supportedReasoningEfforts.map(({ effort, description }) => ({
      reasoningEffort: effort,
      description,
    })),
    defaultReasoningEffort: preset.defaultReasoningEffort,
    inputModalities: info?.input_modalities ?? ["text"],
    supportsPersonality: false,
    ...newer(generation, { multiAgentVersion: null }),
    additionalSpeedTiers: [],
    serviceTiers: [],
    defaultServiceTier: null,
    ...newer(generation, { availableAccessPrograms: null }),
    isDefault: preset.isDefault,
  };
}
