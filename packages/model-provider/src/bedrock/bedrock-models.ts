import type { ModelInfo } from "@codex-ts/protocol";
import { BUNDLED_MODELS } from "../models/bundled.ts";

const CONTEXT_WINDOW_TOKENS = 272_000;
const OFFERED = ["gpt-5.5", "gpt-5.4"];

/** The models Bedrock offers, best one first. Source: docs/behavior/model-provider.md 12. */
export const BEDROCK_MODELS: readonly ModelInfo[] = OFFERED.flatMap((slug, priority) =>
  BUNDLED_MODELS.filter((model) => model.slug === slug).map((model) => ({
    ...model,
    slug: `openai.${slug}`,
    priority,
    context_window: CONTEXT_WINDOW_TOKENS,
    max_context_window: CONTEXT_WINDOW_TOKENS,
    service_tiers: [],
    additional_speed_tiers: [],
  })),
);
