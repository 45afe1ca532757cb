import type { Codec } from "./internal/codec.ts";
import { boolean, integer, listOf, oneOf, text, unknownAsAbsent } from "./internal/codec.ts";
import { nullable, objectOf, optional, required, withDefault } from "./internal/object-codec.ts";
import type { JsonObject } from "./json.ts";
import type { ReasoningEffort, ReasoningSummary, Verbosity } from "./reasoning.ts";
import { reasoningEffortCodec, reasoningSummaryCodec, verbosityCodec } from "./reasoning.ts";
import type { ModelServiceTier } from "./service-tier.ts";
import type { MultiAgentVersion } from "./session-source.ts";
import { multiAgentVersionCodec } from "./session-source.ts";

/** One model of the `models` endpoint, defaults applied. Source: 0.140; what 0.169 dropped or added is marked. */
export interface ModelInfo {
  readonly slug: string;
  readonly display_name: string;
  readonly description: string | null;
  readonly default_reasoning_level?: ReasoningEffort | undefined;
  readonly supported_reasoning_levels: readonly ReasoningEffortPreset[];
  readonly shell_type: "default" | "local" | "unified_exec" | "disabled" | "shell_command";
  readonly visibility: "list" | "hide" | "none";
  /** False: only with a ChatGPT login. */
  readonly supported_in_api: boolean;
  /** Lower comes first. */
  readonly priority: number;
  /** Older form of `service_tiers`. */
  readonly additional_speed_tiers: readonly string[];
  readonly service_tiers: readonly ModelServiceTier[];
  readonly default_service_tier?: string | undefined;
  readonly availability_nux: { readonly message: string } | null;
  readonly upgrade: ModelUpgrade | null;
  /** Empty where a 0.169 catalog leaves it out. */
  readonly base_instructions: string;
  readonly model_messages?: ModelMessages | undefined;
  /** True where a 0.169 catalog leaves it out. */
  readonly supports_reasoning_summaries: boolean;
  /** Default `auto`. */
  readonly default_reasoning_summary: ReasoningSummary;
  readonly support_verbosity: boolean;
  readonly default_verbosity: Verbosity | null;
  readonly apply_patch_tool_type: "freeform" | null;
  /** Default `text`. */
  readonly web_search_tool_type: "text" | "text_and_image";
  readonly truncation_policy: TruncationPolicy;
  /** True where a 0.169 catalog leaves it out. */
  readonly supports_parallel_tool_calls: boolean;
  readonly supports_image_detail_original: boolean;
  /** Tokens. */
  readonly context_window?: number | undefined;
  /** Tokens; counts where `context_window` is absent. */
  readonly max_context_window?: number | undefined;
  /** Tokens; see {@link autoCompactTokenLimit}. */
  readonly auto_compact_token_limit?: number | undefined;
  /** Models whose hash is another cannot go on with each other's history; it is compacted first. */
  readonly comp_hash?: string | undefined;
  /** Share of the window that is used, default 95. */
  readonly effective_context_window_percent: number;
  readonly experimental_supported_tools: readonly string[];
  /** Default both. */
  readonly input_modalities: readonly ("text" | "image")[];
  readonly supports_search_tool: boolean;
  readonly use_responses_lite: boolean;
  readonly auto_review_model_override?: string | undefined;
  /** Absent for a mode this version does not know. */
  readonly tool_mode?: "direct" | "code_mode" | "code_mode_only" | undefined;
  /** Absent for a version this version does not know. */
  readonly multi_agent_version?: MultiAgentVersion | undefined;
}

/** One reasoning effort a model offers. */
export interface ReasoningEffortPreset {
  readonly effort: ReasoningEffort;
  readonly description: string;
}

/** The model that replaces another one. */
export interface ModelUpgrade {
  readonly model: string;
  readonly migration_markdown: string;
}

/** Instructions with a place for the tone of the responses. */
export interface ModelMessages {
  /** `{{ personality }}` stands where the chosen text goes. */
  readonly instructions_template: string | null;
  readonly instructions_variables: {
    readonly personality_default: string | null;
    readonly personality_friendly: string | null;
    readonly personality_pragmatic: string | null;
  } | null;
}

/** How much of a tool output the model sees. */
export interface TruncationPolicy {
  readonly mode: "bytes" | "tokens";
  readonly limit: number;
}

type Variables = NonNullable<ModelMessages["instructions_variables"]>;

const modelInfoCodec: Codec<ModelInfo> = objectOf<ModelInfo>({
  slug: required(text),
  display_name: required(text),
  description: nullable(text),
  default_reasoning_level: optional(reasoningEffortCodec),
  supported_reasoning_levels: required(
    listOf(
      objectOf<ReasoningEffortPreset>({
        effort: required(reasoningEffortCodec),
        description: required(text),
      }),
    ),
  ),
  shell_type: required(oneOf(["default", "local", "unified_exec", "disabled", "shell_command"])),
  visibility: required(oneOf(["list", "hide", "none"])),
  supported_in_api: required(boolean),
  priority: required(integer),
  additional_speed_tiers: withDefault(listOf(text), []),
  service_tiers: withDefault<readonly ModelServiceTier[]>(
    listOf(
      objectOf<ModelServiceTier>({
        id: required(text),
        name: required(text),
        description: required(text),
      }),
    ),
    [],
  ),
  default_service_tier: optional(text),
  availability_nux: nullable(objectOf<{ readonly message: string }>({ message: required(text) })),
  upgrade: nullable(
    objectOf<ModelUpgrade>({ model: required(text), migration_markdown: required(text) }),
  ),
  base_instructions: withDefault(text, ""),
  model_messages: optional(
    objectOf<ModelMessages>({
      instructions_template: nullable(text),
      instructions_variables: nullable(
        objectOf<Variables>({
          personality_default: nullable(text),
          personality_friendly: nullable(text),
          personality_pragmatic: nullable(text),
        }),
      ),
    }),
  ),
  supports_reasoning_summaries: withDefault(boolean, true),
  default_reasoning_summary: withDefault<ReasoningSummary>(reasoningSummaryCodec, "auto"),
  support_verbosity: required(boolean),
  default_verbosity: nullable(verbosityCodec),
  apply_patch_tool_type: nullable(oneOf(["freeform"])),
  web_search_tool_type: withDefault<ModelInfo["web_search_tool_type"]>(
    oneOf(["text", "text_and_image"]),
    "text",
  ),
  truncation_policy: required(
    objectOf<TruncationPolicy>({
      mode: required(oneOf(["bytes", "tokens"])),
      limit: required(integer),
    }),
  ),
  supports_parallel_tool_calls: withDefault(boolean, true),
  supports_image_detail_original: withDefault(boolean, false),
  context_window: optional(integer),
  max_context_window: optional(integer),
  auto_compact_token_limit: optional(integer),
  comp_hash: optional(text),
  effective_context_window_percent: withDefault(integer, 95),
  experimental_supported_tools: required(listOf(text)),
  input_modalities: withDefault<ModelInfo["input_modalities"]>(listOf(oneOf(["text", "image"])), [
    "text",
    "image",
  ]),
  supports_search_tool: withDefault(boolean, false),
  use_responses_lite: withDefault(boolean, false),
  auto_review_model_override: optional(text),
  tool_mode: optional(unknownAsAbsent(oneOf(["direct", "code_mode", "code_mode_only"]))),
  multi_agent_version: optional(unknownAsAbsent(multiAgentVersionCodec)),
});

/**
 * Reads one model of a catalog, with Codex's defaults; unknown members are ignored. `undefined`
 * when a required member is missing or has the wrong type.
 */
export function readModelInfo(value: unknown): ModelInfo | undefined {
  return modelInfoCodec.read(value);
}

/** The model as JSON, known members only, e.g. for a cache file. */
export function toWireModelInfo(model: ModelInfo): JsonObject {
  return modelInfoCodec.write(model) as JsonObject;
}
