import { CompactClient } from "@codex-ts/api";
import type { CompactRequest } from "@codex-ts/api";
import type { ResponseItem } from "@codex-ts/protocol";
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
import type {
  CompactedHistory,
  CompactionEndRecorder,
  CompactionRequestOptions,
  CompactionResponse,
} from "./compaction-request.ts";

/** Remote compaction v1. See `ModelClient.compactConversationHistory`. */
export async function compactConversationHistory(
  transport: ModelTransport,
  options: CompactionRequestOptions<"responses_compact">,
): Promise<CompactedHistory> {
  const { prompt, metadata, trace, signal } = options;
  if (prompt.input.length === 0) return { items: [], upstreamRequestId: undefined };
  const target = await transport.target();
  const settings = transport.requestSettings(target, options.settings);
  const hasApiKey = (await transport.authMode()) === "apikey";
  // The endpoint knows no tiers for API keys.
  const body = compactBody(prompt, hasApiKey ? { ...settings, serviceTier: undefined } : settings);
  const client = new CompactClient(transport.clientOptions(target));
  const attempt = trace?.startAttempt(body);
  return recorded(
    transport,
    attempt,
    async () => {
      const { output, upstreamRequestId } = await client.compact(body, {
        headers: transport.requestHeaders(compactRequestHeaders, metadata),
        observer: transport.observer(metadata, {
          compactionRequestId: attempt?.compactionRequestId,
        }),
        signal,
      });
      return { items: output, upstreamRequestId };
    },
    ({ items }) => items,
  );
}

/** Sends a request of the turn. */
type SendRequest = (request: SamplingRequest) => Promise<MappedResponseStream>;

/** Remote compaction v2. See `ModelClientSession.streamCompaction`. */
export async function streamCompaction(
  transport: ModelTransport,
  send: SendRequest,
  options: CompactionRequestOptions<"responses_compaction_v2">,
): Promise<CompactionResponse> {
  const prompt: Prompt = {
    ...options.prompt,
    input: [...options.prompt.input, { type: "compaction_trigger" }],
  };
  const model = options.settings?.model ?? transport.options.model;
  const attempt = options.trace?.startAttempt({
    model: model.slug,
    instructions: prompt.instructions,
    input: wireInput(prompt.input, { azure: false, form: transport.form, model }),
    parallel_tool_calls: prompt.parallelToolCalls,
  });
  return recorded(
    transport,
    attempt,
    () => readCompaction(send, { ...options, prompt }, attempt?.compactionRequestId),
    ({ item }) => [item],
  );
}

async function readCompaction(
  send: SendRequest,
  { prompt, metadata, signal, ...options }: CompactionRequestOptions<"responses_compaction_v2">,
  compactionRequestId: string | undefined,
): Promise<CompactionResponse> {
  const stream = await send({
    prompt,
    metadata,
    settings: options.settings,
    observer: options.observer,
    compactionRequestId,
    signal: signal ?? new AbortController().signal,
  });
  const { upstreamRequestId } = stream;
  const items: ResponseItem[] = [];
  let responseId = "";
  for await (const event of stream) {
    if (event.type === "outputItemDone") items.push(event.item);
    if (event.type !== "completed") continue;
    responseId = event.responseId;
    break;
  }
  const compactions = items.filter((item) => item.type === "compaction");
  const [only] = compactions;
  if (only === undefined || compactions.length > 1) {
    throw new CompactionError(
      `remote compaction must return exactly one compaction item, got ${compactions.length} among ${items.length} items`,
      { upstreamRequestId, responseId },
    );
  }
  return { item: only, responseId, upstreamRequestId };
}

/** Records how one compaction request ended. */
async function recorded<Result>(
  { errorPolicy }: ModelTransport,
  attempt: CompactionEndRecorder | undefined,
  send: () => Promise<Result>,
  itemsOf: (result: Result) => readonly ResponseItem[],
): Promise<Result> {
  try {
    const result = await send();
    attempt?.recordCompleted({ outputItems: itemsOf(result) });
    return result;
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
