import { z } from "zod";

/** One model of the `models` endpoint, defaults applied. Keys as on the wire. Source: protocol spec, section 8. */
export interface ModelInfo {
  readonly slug: string;
  readonly display_name: string;
  readonly description: string | null;
  readonly default_reasoning_level?: string | undefined;
  readonly supported_reasoning_levels: readonly ReasoningLevel[];
  readonly shell_type: string;
  readonly visibility: "list" | "hide" | "none";
  /** Whether an API key may use it. */
  readonly supported_in_api: boolean;
  /** Lower comes first. */
  readonly priority: number;
  readonly additional_speed_tiers: readonly string[];
  readonly service_tiers: readonly ServiceTier[];
  readonly default_service_tier?: string | undefined;
  readonly availability_nux: { readonly message: string } | null;
  readonly upgrade: { readonly model: string; readonly migration_markdown: string } | null;
  readonly base_instructions: string;
  readonly model_messages?: unknown;
  readonly supports_reasoning_summaries: boolean;
  readonly default_reasoning_summary: string;
  readonly support_verbosity: boolean;
  readonly default_verbosity: string | null;
  readonly apply_patch_tool_type: "freeform" | null;
  readonly web_search_tool_type: "text" | "text_and_image";
  readonly truncation_policy: { readonly mode: "bytes" | "tokens"; readonly limit: number };
  readonly supports_parallel_tool_calls: boolean;
  readonly supports_image_detail_original: boolean;
  /** Tokens. */
  readonly context_window?: number | undefined;
  readonly max_context_window?: number | undefined;
  readonly auto_compact_token_limit?: number | undefined;
  readonly effective_context_window_percent: number;
  readonly experimental_supported_tools: readonly string[];
  readonly input_modalities: readonly ("text" | "image")[];
  readonly supports_search_tool: boolean;
  readonly use_responses_lite: boolean;
  readonly auto_review_model_override?: string | undefined;
  readonly tool_mode?: string | undefined;
  readonly multi_agent_version?: string | undefined;
}

/** One reasoning effort a model offers. */
export interface ReasoningLevel {
  readonly effort: string;
  readonly description: string;
}

/** One speed or price class a model offers. */
export interface ServiceTier {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

const optionalText = z.string().optional().catch(undefined);
const optionalCount = z.int().nonnegative().optional().catch(undefined);
const flag = z.boolean().catch(false);

const modelInfo = z.object({
  slug: z.string().min(1),
  display_name: z.string().optional(),
  description: z.string().nullable().catch(null),
  default_reasoning_level: optionalText,
  supported_reasoning_levels: z
    .array(z.object({ effort: z.string(), description: z.string().catch("") }))
    .catch([]),
  shell_type: z.string().catch("default"),
  visibility: z.enum(["list", "hide", "none"]).catch("none"),
  supported_in_api: z.boolean().catch(true),
  priority: z.int().catch(99),
  additional_speed_tiers: z.array(z.string()).catch([]),
  service_tiers: z
    .array(
      z.object({ id: z.string(), name: z.string().catch(""), description: z.string().catch("") }),
    )
    .catch([]),
  default_service_tier: optionalText,
  availability_nux: z.object({ message: z.string() }).nullable().catch(null),
  upgrade: z
    .object({ model: z.string(), migration_markdown: z.string().catch("") })
    .nullable()
    .catch(null),
  base_instructions: z.string().catch(""),
  model_messages: z.unknown().optional(),
  supports_reasoning_summaries: flag,
  default_reasoning_summary: z.string().catch("auto"),
  support_verbosity: flag,
  default_verbosity: z.string().nullable().catch(null),
  apply_patch_tool_type: z.literal("freeform").nullable().catch(null),
  web_search_tool_type: z.enum(["text", "text_and_image"]).catch("text"),
  truncation_policy: z
    .object({ mode: z.enum(["bytes", "tokens"]), limit: z.int().nonnegative() })
    .catch({ mode: "bytes", limit: 10_000 }),
  supports_parallel_tool_calls: flag,
  supports_image_detail_original: flag,
  context_window: optionalCount,
  max_context_window: optionalCount,
  auto_compact_token_limit: optionalCount,
  effective_context_window_percent: z.int().catch(95),
  experimental_supported_tools: z.array(z.string()).catch([]),
  input_modalities: z.array(z.enum(["text", "image"])).catch(["text", "image"]),
  supports_search_tool: flag,
  use_responses_lite: flag,
  auto_review_model_override: optionalText,
  tool_mode: z.enum(["direct", "code_mode", "code_mode_only"]).optional().catch(undefined),
  multi_agent_version: optionalText,
});

/** Reads one model; everything but the slug may be missing or odd. `undefined` when there is no slug. */
export function readModelInfo(value: unknown): ModelInfo | undefined {
  const result = modelInfo.safeParse(value);
  if (!result.success) return undefined;
  return { ...result.data, display_name: result.data.display_name ?? result.data.slug };
}
