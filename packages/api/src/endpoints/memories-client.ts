import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import type { ClientOptions, TransportContext } from "../http/transport-context.ts";
import { transportContext } from "../http/transport-context.ts";
import type { CallOptions, CallResult } from "./unary-call.ts";
import { sendUnary } from "./unary-call.ts";

/** One recorded session. */
export interface MemoryTrace {
  readonly id: string;
  readonly metadata: { readonly source_path: string };
  readonly items: readonly JsonValue[];
}

/** Recorded sessions to summarize. */
export interface MemoriesRequest {
  readonly model: string;
  readonly traces: readonly MemoryTrace[];
  readonly reasoning?: { readonly effort?: string };
}

/** Summary of one recorded session. */
export interface MemorySummary {
  /** Summary of the trace; `raw_memory` on the wire of some servers. */
  readonly traceSummary: string;
  readonly memorySummary: string;
}

/** One summary per trace, in order. */
export interface MemoriesResult extends CallResult {
  readonly summaries: readonly MemorySummary[];
}

/** `POST /memories/trace_summarize`: the server summarizes recorded sessions. */
export class MemoriesClient {
  readonly #context: TransportContext;

  constructor(options: ClientOptions) {
    this.#context = transportContext(options);
  }

  /** One summary per trace, in order. No traces make no request. Rejects with an `ApiError`. */
  async summarize(request: MemoriesRequest, options: CallOptions = {}): Promise<MemoriesResult> {
    if (request.traces.length === 0) return { summaries: [], upstreamRequestId: undefined };
    const response = await sendUnary(this.#context, {
      endpoint: "memories",
      method: "POST",
      path: "memories/trace_summarize",
      json: {
        model: request.model,
        traces: request.traces,
        reasoning: request.reasoning,
      } as unknown as JsonObject,
      options,
      defaultTimeoutMs: this.#context.provider.streamIdleTimeoutMs,
    });
    const body = response.json();
    const output = isJsonObject(body) ? body["output"] : undefined;
    if (!Array.isArray(output))
      throw response.unexpected("the memories response has no output list");
    const summaries = (output as JsonValue[]).map((value, index) => {
      const summary = readSummary(value);
      if (summary === undefined) {
        throw response.unexpected(`output ${index} of the memories response does not parse`);
      }
      return summary;
    });
    return { summaries, upstreamRequestId: response.upstreamRequestId };
  }
}

function readSummary(value: JsonValue): MemorySummary | undefined {
  if (!isJsonObject(value)) return undefined;
  const traceSummary = value["trace_summary"] ?? value["raw_memory"];
  const memorySummary = value["memory_summary"];
  return typeof traceSummary === "string" && typeof memorySummary === "string"
    ? { traceSummary, memorySummary }
    : undefined;
}
