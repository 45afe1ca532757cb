import { toWireItem } from "@codex-ts/protocol";
import type {
  ModelInfo,
  JsonObject,
  JsonValue,
  ReasoningRequest,
  ResponseItem,
  ResponsesRequest,
  TextRequest,
} from "@codex-ts/protocol";

/** Instructions, history and tools of one request. */
export interface Prompt {
  readonly instructions: string;
  /** History as prepared for a prompt. */
  readonly input: readonly ResponseItem[];
  readonly tools: readonly JsonObject[];
  /** Whether the model may call several tools at once. */
  readonly parallelToolCalls: boolean;
  /** JSON schema of the final message. */
  readonly outputSchema?: JsonValue | undefined;
}

/** Settings of a thread that shape its requests. */
export interface RequestSettings {
  readonly model: ModelInfo;
  /** Default: the model's. */
  readonly reasoningEffort?: string | undefined;
  /** Default: the model's. */
  readonly reasoningSummary?: "auto" | "concise" | "detailed" | "none" | undefined;
  /** Default: the model's. */
  readonly verbosity?: "low" | "medium" | "high" | undefined;
  /** Sent only when the model lists it. */
  readonly serviceTier?: string | undefined;
  /** Default: the thread id. */
  readonly promptCacheKey: string;
  /** Azure keeps responses, and wants item ids then. */
  readonly azure: boolean;
}

/**
 * The body of `POST /responses`, members in the order 0.140 writes them. Source: docs/behavior/core.md 1.4.
 */
export function buildResponsesRequest(
  prompt: Prompt,
  settings: RequestSettings,
  clientMetadata: Readonly<Record<string, string>>,
): ResponsesRequest {
  const { model } = settings;
  const reasoning = reasoningRequest(settings);
  const text = textRequest(prompt, settings);
  const lite = model.use_responses_lite;
  return {
    model: model.slug,
    ...(prompt.instructions !== "" && { instructions: prompt.instructions }),
    input: wireInput(prompt.input, settings),
    tools: prompt.tools,
    tool_choice: "auto",
    parallel_tool_calls: prompt.parallelToolCalls && !lite,
    reasoning,
    store: settings.azure,
    stream: true,
    include: reasoning === null ? [] : ["reasoning.encrypted_content"],
    ...serviceTier(settings),
    prompt_cache_key: settings.promptCacheKey,
    ...(text !== undefined && { text }),
    client_metadata: clientMetadata,
  };
}

/** Items in wire form; unknown kinds are left out, ids too unless Azure wants them. */
export function wireInput(
  items: readonly ResponseItem[],
  { azure }: Pick<RequestSettings, "azure">,
): readonly JsonObject[] {
  const itemIds = requestItemIds(azure);
  return items.map((item) => toWireItem(item, { itemIds })).filter((item) => item !== undefined);
}

/** In which form requests carry the ids of items. */
export function requestItemIds(azure: boolean): "azure" | "omit" {
  return azure ? "azure" : "omit";
}

/** `reasoning` of a request; `null` for models without reasoning summaries. */
export function reasoningRequest(settings: RequestSettings): ReasoningRequest | null {
  const { model } = settings;
  if (!model.supports_reasoning_summaries) return null;
  const effort = settings.reasoningEffort ?? model.default_reasoning_level;
  const summary = settings.reasoningSummary ?? model.default_reasoning_summary;
  return {
    ...(effort !== undefined && { effort }),
    ...(isSummary(summary) && { summary }),
    ...(model.use_responses_lite && { context: "all_turns" as const }),
  };
}

/** `text` of a request; `undefined` when neither verbosity nor a schema is set. */
export function textRequest(
  prompt: Pick<Prompt, "outputSchema">,
  settings: RequestSettings,
): TextRequest | undefined {
  const { model } = settings;
  const verbosity = model.support_verbosity
    ? (settings.verbosity ?? model.default_verbosity)
    : undefined;
  const schema = prompt.outputSchema;
  if (!isVerbosity(verbosity) && schema === undefined) return undefined;
  return {
    ...(isVerbosity(verbosity) && { verbosity }),
    ...(schema !== undefined && {
      format: { type: "json_schema", strict: true, schema, name: "codex_output_schema" },
    }),
  };
}

/** `service_tier` as a member to spread: nothing unless the model offers the tier. */
export function serviceTier(settings: RequestSettings): { readonly service_tier?: string } {
  const tier = settings.serviceTier;
  if (tier === undefined || !settings.model.service_tiers.some(({ id }) => id === tier)) return {};
  return { service_tier: tier };
}

function isSummary(value: string): value is "auto" | "concise" | "detailed" {
  return value === "auto" || value === "concise" || value === "detailed";
}

function isVerbosity(value: string | null | undefined): value is "low" | "medium" | "high" {
  return value === "low" || value === "medium" || value === "high";
}
