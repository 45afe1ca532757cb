import type {
  JsonObject,
  JsonValue,
  ReasoningRequest,
  ResponseItem,
  TextRequest,
} from "@codex-ts/protocol";
import { isJsonObject, readResponseItem } from "@codex-ts/protocol";
import type { ClientOptions, TransportContext } from "../http/transport-context.ts";
import { transportContext } from "../http/transport-context.ts";
import type { CallOptions, CallResult } from "./unary-call.ts";
import { sendUnary } from "./unary-call.ts";

/** Body of `POST /responses/compact`, members in wire order (0.140; 0.169 no longer calls it). */
export interface CompactRequest {
  readonly model: string;
  /** In wire form. */
  readonly input: readonly (ResponseItem | JsonObject)[];
  /** Left out when empty. */
  readonly instructions?: string;
  readonly tools: readonly JsonValue[];
  readonly parallel_tool_calls: boolean;
  readonly reasoning?: ReasoningRequest;
  readonly service_tier?: string;
  readonly prompt_cache_key?: string;
  readonly text?: TextRequest;
}

/** A shortened history. */
export interface CompactResult extends CallResult {
  readonly output: readonly ResponseItem[];
}

/** `POST /responses/compact`: the server shortens a history. */
export class CompactClient {
  readonly #context: TransportContext;

  constructor(options: ClientOptions) {
    this.#context = transportContext(options);
  }

  /**
   * The history that replaces `input`. Empty input makes no request. One attempt takes at most four times the stream
   * idle timeout. Rejects with an `ApiError`.
   */
  async compact(request: CompactRequest, options: CallOptions = {}): Promise<CompactResult> {
    if (request.input.length === 0) return { output: [], upstreamRequestId: undefined };
    const response = await sendUnary(this.#context, {
      endpoint: "compact",
      method: "POST",
      path: "responses/compact",
      json: compactBody(request),
      options,
      defaultTimeoutMs: 4 * this.#context.provider.streamIdleTimeoutMs,
    });
    const body = response.json();
    const output = isJsonObject(body) ? body["output"] : undefined;
    if (!Array.isArray(output))
      throw response.unexpected("the compaction response has no output list");
    const items = (output as JsonValue[]).map((value, index) => {
      const item = readResponseItem(value);
      if (item === undefined) {
        throw response.unexpected(`output item ${index} of the compaction response does not parse`);
      }
      return item;
    });
    return { output: items, upstreamRequestId: response.upstreamRequestId };
  }
}

function compactBody(request: CompactRequest): JsonObject {
  return {
    model: request.model,
    input: request.input as readonly JsonObject[],
    instructions: request.instructions === "" ? undefined : request.instructions,
    tools: request.tools,
    parallel_tool_calls: request.parallel_tool_calls,
    reasoning: request.reasoning && { ...request.reasoning },
    service_tier: request.service_tier,
    prompt_cache_key: request.prompt_cache_key,
    text: request.text as JsonObject | undefined,
  };
}
