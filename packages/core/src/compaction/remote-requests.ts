import { CompactClient, isAzureProvider } from "@codex-ts/api";
import type { CompactRequest } from "@codex-ts/api";
import type { CompactionItem, ResponseItem } from "@codex-ts/protocol";
import type { CompactionAttempt, CompactionTraceContext } from "@codex-ts/rollout-trace/recorder";
import { CompactionError } from "../errors.ts";
import { toRequestFailure } from "../attempt/request-failure.ts";
import { compactRequestHeaders } from "../metadata/projections.ts";
import type { CodexResponsesMetadata } from "../metadata/responses-metadata.ts";
import type { ModelClient } from "../client/model-client.ts";
import type { ModelClientSession } from "../client/model-session.ts";
import {
  reasoningRequest,
  serviceTier,
  textRequest,
  wireInput,
} from "../client/request-builder.ts";
import type { Prompt, RequestSettings } from "../client/request-builder.ts";

/** One compaction: what is compacted, under which metadata, and where it is recorded. */
export interface CompactionRequestOptions {
  readonly prompt: Prompt;
  /** Of kind `compaction`. */
  readonly metadata: CodexResponsesMetadata;
  /** Default: not recorded. */
  readonly trace?: CompactionTraceContext | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Remote compaction v1, `POST /responses/compact`: the history that replaces the prompt's input. Empty input makes no
 * request. Rejects with the error of the request. Source: core spec 1.11.
 */
export async function compactConversationHistory(
  client: ModelClient,
  { prompt, metadata, trace, signal }: CompactionRequestOptions,
): Promise<readonly ResponseItem[]> {
  if (prompt.input.length === 0) return [];
  const { provider } = client.options;
  const [apiProvider, auth] = await Promise.all([provider.apiProvider(), provider.apiAuth()]);
  const settings: RequestSettings = {
    ...client.options,
    promptCacheKey: client.promptCacheKey,
    azure: isAzureProvider(apiProvider),
    // The endpoint knows no tiers for API keys.
    serviceTier: (await client.usesApiKey()) ? undefined : client.options.serviceTier,
  };
  const body = compactBody(prompt, settings);
  return recorded(client, trace?.startAttempt(body), () =>
    new CompactClient({ ...client.transport, provider: apiProvider, auth }).compact(body, {
      headers: client.requestHeaders(compactRequestHeaders, metadata, {}),
      observer: client.observerOf(metadata),
      signal,
    }),
  );
}

/**
 * Remote compaction v2: an ordinary request that ends with a compaction trigger. Resolves with the one compaction item
 * that stands for the history; rejects with `CompactionError` when the server sends none or several.
 */
export async function streamCompaction(
  client: ModelClient,
  session: ModelClientSession,
  options: CompactionRequestOptions,
): Promise<CompactionItem> {
  const prompt: Prompt = {
    ...options.prompt,
    input: [...options.prompt.input, { type: "compaction_trigger" }],
  };
  const attempt = options.trace?.startAttempt({
    model: client.options.model.slug,
    instructions: prompt.instructions,
    input: wireInput(prompt.input, { azure: false }),
    parallel_tool_calls: prompt.parallelToolCalls,
  });
  const [item] = await recorded(client, attempt, async () => [
    await readCompaction(session, { ...options, prompt }),
  ]);
  if (item?.type !== "compaction") throw new CompactionError("the server sent no compaction");
  return item;
}

async function readCompaction(
  session: ModelClientSession,
  { prompt, metadata, signal }: CompactionRequestOptions,
): Promise<CompactionItem> {
  const stream = await session.stream({
    prompt,
    metadata,
    signal: signal ?? new AbortController().signal,
  });
  const items: ResponseItem[] = [];
  for await (const event of stream) {
    if (event.type === "outputItemDone") items.push(event.item);
    if (event.type === "completed") break;
  }
  const compactions = items.filter((item) => item.type === "compaction");
  const [only] = compactions;
  if (only === undefined || compactions.length > 1) {
    throw new CompactionError(
      `remote compaction must answer with exactly one compaction item, got ${compactions.length} among ${items.length} items`,
    );
  }
  return only;
}

/** Records how one compaction request ended. */
async function recorded<Items extends readonly ResponseItem[]>(
  client: ModelClient,
  attempt: CompactionAttempt | undefined,
  send: () => Promise<Items>,
): Promise<Items> {
  try {
    const outputItems = await send();
    attempt?.recordCompleted({ outputItems });
    return outputItems;
  } catch (error) {
    attempt?.recordFailed({ error: toRequestFailure(error, client.errorPolicy).message });
    throw error;
  }
}

function compactBody(prompt: Prompt, settings: RequestSettings): CompactRequest {
  const reasoning = reasoningRequest(settings);
  const text = textRequest(prompt, settings);
  return {
    model: settings.model.slug,
    input: wireInput(prompt.input, settings),
    instructions: prompt.instructions,
    tools: prompt.tools,
    parallel_tool_calls: prompt.parallelToolCalls,
    ...(reasoning !== null && { reasoning }),
    ...serviceTier(settings),
    prompt_cache_key: settings.promptCacheKey,
    ...(text !== undefined && { text }),
  };
}
