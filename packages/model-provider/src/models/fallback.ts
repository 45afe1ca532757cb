import { DEFAULT_BASE_INSTRUCTIONS } from "./base-instructions.ts";
import type { Compatibility, ModelInfo } from "@codex-ts/protocol";

/** Context window assumed for models nobody knows, in tokens. */
const FALLBACK_CONTEXT_WINDOW_TOKENS = 272_000;
const FALLBACK_OUTPUT_LIMIT_BYTES = 10_000;
/** Sorts behind every model of a catalog. */
const FALLBACK_PRIORITY = 99;

/**
 * Capabilities that each generation of Codex assumes of a model it does not know. Source: docs/behavior/model-provider.md 15; 0.171
 * observed.
 */
const CAPABILITIES: Readonly<
  Record<
    Compatibility,
    Pick<ModelInfo, "supports_reasoning_summaries" | "supports_parallel_tool_calls">
  >
> = {
  "0.171": { supports_reasoning_summaries: true, supports_parallel_tool_calls: true },
  "0.140": { supports_reasoning_summaries: false, supports_parallel_tool_calls: false },
};

/** Options of `fallbackModelInfo`. */
export interface FallbackModelOptions {
  /** Whose defaults are taken: 0.171 asks for reasoning and parallel calls, 0.140 for neither. Default `0.171`. */
  readonly compatibility?: Compatibility | undefined;
}

/** Careful metadata for a model that is in no catalog. Source: docs/behavior/model-provider.md 15. */
export function fallbackModelInfo(
  slug: string,
  { compatibility = "0.171" }: FallbackModelOptions = {},
): ModelInfo {
  return {
    slug,
    display_name: slug,
    description: null,
    supported_reasoning_levels: [],
    shell_type: "default",
    visibility: "none",
    supported_in_api: true,
    priority: FALLBACK_PRIORITY,
    additional_speed_tiers: [],
    service_tiers: [],
    availability_nux: null,
    upgrade: null,
    base_instructions: DEFAULT_BASE_INSTRUCTIONS,
    default_reasoning_summary: "auto",
    support_verbosity: false,
    default_verbosity: null,
    apply_patch_tool_type: null,
    web_search_tool_type: "text",
    truncation_policy: { mode: "bytes", limit: FALLBACK_OUTPUT_LIMIT_BYTES },
    supports_image_detail_original: false,
    context_window: FALLBACK_CONTEXT_WINDOW_TOKENS,
    max_context_window: FALLBACK_CONTEXT_WINDOW_TOKENS,
    effective_context_window_percent: 95,
    experimental_supported_tools: [],
    input_modalities: ["text", "image"],
    supports_search_tool: false,
    use_responses_lite: false,
    ...CAPABILITIES[compatibility],
  };
}
