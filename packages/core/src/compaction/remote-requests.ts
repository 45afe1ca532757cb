import { CompactClient } from "@codex-ts/api";
import type { CompactRequest } from "@codex-ts/api";
import type { CompactionItem, ResponseItem } from "@codex-ts/protocol";
import type { CompactionAttempt } from "@codex-ts/rollout-trace/recorder";
import { toRequestFailure } from "../attempt/request-failure.ts";
import type { MappedResponseStream } from "../attempt/stream-mapper.ts";
import type { ModelTransport } from "../client/model-transport.ts";
import {
  reasoningRequest,
  serviceTier,
  textRequest,
  wireInput,
} from "../client/request-builder.ts";
import type { Prompt, RequestSettings } from "../client/request-builder.ts";
import type { SamplingRequest } from "../client/sampling-request.ts";
import { CompactionError } from "../errors.ts";
import { compactRequestHeaders } from "../metadata/projections.ts";
import type { CompactionRequestOptions } from "./compaction-request.ts";

/** Remote compaction v1. See `ModelClient.compactConversationHistory`. */
export async function compactConversationHistory(
  transport: ModelTransport,
  { prompt, metadata, trace, signal }: CompactionRequestOptions,
): Promise<readonly ResponseItem[]> {
  if (prompt.input.length === 0) return [];
  const target = await transport.target();
  const settings = transport.requestSettings(target);
  const hasApiKey = (await transport.authMode()) === "apikey";
  // The endpoint knows no tiers for API keys.
  const body = compactBody(prompt, hasApiKey ? { ...settings, serviceTier: undefined } : settings);
  return recorded(transport, trace?.startAttempt(body), () =>
    new CompactClient(transport.clientOptions(target)).compact(body, {
      headers: transport.requestHeaders(compactRequestHeaders, metadata),
      observer: transport.observer(metadata),
      signal,
    }),
  );
}

/** Sends a request of the turn. */
type SendRequest = (request: SamplingRequest) => Promise<MappedResponseStream>;

/** Remote compaction v2. See `ModelClientSession.streamCompaction`. */
export async function streamCompaction(
  transport: ModelTransport,
  send: SendRequest,
  options: CompactionRequestOptions,
): Promise<CompactionItem> {
  const prompt: Prompt = {
    ...options.prompt,
    input: [...options.prompt.input, { type: "compaction_trigger" }],
  };
  const attempt = options.trace?.startAttempt({
    model: transport.options.model.slug,
    instructions: prompt.instructions,
    input: wireInput(prompt.input, { azure: false }),
    parallel_tool_calls: prompt.parallelToolCalls,
  });
  const [item] = await recorded(transport, attempt, async () => [
    await readCompaction(send, { ...options, prompt }),
  ]);
  if (item?.type !== "compaction") throw new CompactionError("the server sent no compaction");
  return item;
}

async function readCompaction(
  send: SendRequest,
  { prompt, metadata, signal }: CompactionRequestOptions,
): Promise<CompactionItem> {
  const stream = await send({
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
      `remote compaction must return exactly one compaction item, got ${compactions.length} among ${items.length} items`,
    );
  }
  return only;
}

/** Records how one compaction request ended. */
async function recorded<Items extends readonly ResponseItem[]>(
  { errorPolicy }: ModelTransport,
  attempt: CompactionAttempt | undefined,
  send: () => Promise<Items>,
): Promise<Items> {
  try {
    const outputItems = await send();
    attempt?.recordCompleted({ outputItems });
    return outputItems;
  } catch (error) {
    attempt?.recordFailed({ error: toRequestFailure(error, errorPolicy).message });
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
