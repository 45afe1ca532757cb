import type { RequestMember } from "@codex-ts/api";
import { keepItemText } from "@codex-ts/api/internal";
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

import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { toolsItem } from "../context/context-messages.ts";
import { BASE_INSTRUCTIONS, inNamespaces } from "../context/model-items.ts";
import { contentItemMetadata } from "../history/content-provenance.ts";
import { ITEM_METADATA_MEMBER, derivedItemId } from "../history/item-identity.ts";
import type { ItemMetadata, StoredItem } from "../history/item-identity.ts";

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
  /** Access program the turn asks for; sent to the provider `OpenAI` only. */
  readonly cyberAccessProgram?: string | undefined;
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
  readonly promptCacheKey: string;
  /** Azure keeps responses, and wants item ids then. */
  readonly azure: boolean;
  readonly form: RequestForm;
}

/** The form of every request of a thread. */
export interface RequestForm {
  readonly profile: CompatibilityProfile;
  /** Id of the base instructions where they are an item: the same in every request. */
  readonly instructionsId: string;
  /** Whether requests tell the provider where items come from. */
  readonly hasItemMetadata: boolean;
  /** Whether the provider has access programs. */
  readonly hasAccessPrograms: boolean;
  /**
   * Items of a history as requests have them, for responses-lite models and others: a request repeats all of them, and
   * traces know them by their object.
   */
  readonly wireItems: Readonly<Record<"plain" | "lite", WeakMap<ResponseItem, JsonObject>>>;
}

/** The body of `POST /responses`, members in the order they are sent. Source: docs/behavior/core.md 1.4. */
export function buildResponsesRequest(
  prompt: Prompt,
  settings: RequestSettings,
  clientMetadata: Readonly<Record<string, string>>,
): ResponsesRequest {
  const { model } = settings;
  const reasoning = reasoningRequest(settings);
  const text = textRequest(prompt, settings);
  const lite = model.use_responses_lite;
  const { profile } = settings.form;
  const hasInstructions = prompt.instructions !== "";
  const isFirstItem = hasInstructions && profile.instructions === "first_item";
  const hasToolsAsItem = lite && profile.responsesLite === "items";
  const input = [
    ...(hasToolsAsItem && prompt.tools.length > 0 ? [toolsItemOf(prompt, settings.form)] : []),
    ...(isFirstItem ? [instructionsItem(prompt.instructions, settings)] : []),
    ...wireInput(prompt.input, settings),
  ];
  const body: ResponsesRequest = {
    model: model.slug,
    ...(hasInstructions && !isFirstItem && { instructions: prompt.instructions }),
    input,
    ...(!hasToolsAsItem && { tools: prompt.tools }),
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
    ...(prompt.cyberAccessProgram !== undefined &&
      settings.form.hasAccessPrograms && {
        access_programs: { cyber: prompt.cyberAccessProgram },
      }),
  };
  return inMemberOrder(body, profile.requestFormat.members);
}

/** The same body or frame, its members in the order they are sent. */
export function inMemberOrder<Body extends ResponsesRequest>(
  body: Body,
  order: readonly RequestMember[],
): Body {
  const members = body as Readonly<Partial<Record<RequestMember, unknown>>>;
  return Object.fromEntries(
    order.filter((name) => members[name] !== undefined).map((name) => [name, members[name]]),
  ) as unknown as Body;
}

/** The tools of a history that does not say them: they stand before it as if they were its first item. */
function toolsItemOf({ tools }: Prompt, { instructionsId }: RequestForm): JsonObject {
  const { type, ...rest } = toolsItem(inNamespaces(tools));
  const id = derivedItemId(type, `${instructionsId} ${JSON.stringify(rest.tools)}`);
  return { type, id, ...rest };
}

function instructionsItem(
  text: string,
  { form: { instructionsId: id, hasItemMetadata }, model }: RequestSettings,
): JsonObject {
  const kinds = [BASE_INSTRUCTIONS];
  return {
    type: "message",
    id,
    role: "developer",
    content: [{ type: "input_text", text }],
    ...(hasItemMetadata && {
      [ITEM_METADATA_MEMBER]: wireMetadata(
        { content_item_kinds: kinds, content_item_metadata: contentItemMetadata(kinds) ?? [] },
        model.use_responses_lite,
      ),
    }),
  };
}

/** Items in wire form; unknown kinds are left out. */
export function wireInput(
  items: readonly ResponseItem[],
  { azure, form, model }: Pick<RequestSettings, "azure" | "form" | "model">,
): readonly JsonObject[] {
  const isLite = model.use_responses_lite;
  const wireItems = form.wireItems[isLite ? "lite" : "plain"];
  const options = {
    itemIds: requestItemIds(azure, form),
    laterMembers: form.profile.laterItemMembers,
  };
  const input: JsonObject[] = [];
  for (const item of items) {
    const known = wireItems.get(item);
    const wire = known ?? toWireItem(item, options);
    if (wire === undefined) continue;
    const sent =
      known === undefined && form.hasItemMetadata ? withMetadata(wire, item, isLite) : wire;
    // Only a history makes items with metadata, and it never changes one in place.
    if (known === undefined && (ITEM_METADATA_MEMBER in item || item.type === "additional_tools")) {
      wireItems.set(item, sent);
      keepItemText(sent);
    }
    input.push(sent);
  }
  return input;
}

function withMetadata(wire: JsonObject, item: StoredItem, isLite: boolean): JsonObject {
  const metadata = item[ITEM_METADATA_MEMBER];
  if (metadata === undefined) return wire;
  return { ...wire, [ITEM_METADATA_MEMBER]: wireMetadata(metadata, isLite) };
}

/** The members that are sent, in their order. */
function wireMetadata(
  { turn_id, create_time, content_item_kinds, content_item_metadata: parts }: ItemMetadata,
  isLite: boolean,
): JsonObject {
  return {
    ...(turn_id !== undefined && { turn_id }),
    ...(create_time !== undefined && { create_time }),
    ...(content_item_kinds !== undefined && { content_item_kinds }),
    ...(isLite && parts !== undefined && { content_item_metadata: parts }),
  };
}

/** In which form requests carry the ids of items. */
export function requestItemIds(
  azure: boolean,
  { profile }: RequestForm,
): "azure" | "omit" | "keep" {
  if (profile.requestFormat.itemIds === "keep") return "keep";
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
