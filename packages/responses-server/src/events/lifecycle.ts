import type { TokenUsage } from "@codex-ts/protocol";
import type { ServerEvent, ServerResponseObject, ServerUsage } from "./server-event.ts";
import type { ServerItem } from "./server-item.ts";

/** Token counts of a final event; the total is computed when it is left out. */
export type UsageInput = Pick<TokenUsage, "input_tokens" | "output_tokens"> & Partial<TokenUsage>;

/** Facts a lifecycle event may hold about its response. */
export interface LifecycleOptions {
  /** `response.id`. Default: the one of `created` in this stream, else `resp_<number of the request>`. */
  readonly responseId?: string;
  /** Default: the model the request names, else `"scripted-model"`. */
  readonly model?: string;
}

/** Facts of a completed response. */
export interface CompletedOptions extends LifecycleOptions {
  /** `null` sends no counts. Default 10 input and 5 output tokens. */
  readonly usage?: UsageInput | null;
  /** Default: the items sent in this stream. */
  readonly output?: readonly ServerItem[];
  /** `false` asks the agent to sample again in the same turn. Default: not sent. */
  readonly endTurn?: boolean;
}

/** Facts of a failed response. */
export interface FailedOptions extends LifecycleOptions {
  readonly code: string;
  readonly message: string;
}

/** `response.created`. */
export function created(responseId?: string, options: LifecycleOptions = {}): ServerEvent {
  const response = responseObject({ ...options, ...(responseId && { responseId }) }, "in_progress");
  return { type: "response.created", response: { ...response, output: [], usage: null } };
}

/** `response.in_progress`. */
export function inProgress(options: LifecycleOptions = {}): ServerEvent {
  const response = responseObject(options, "in_progress");
  return { type: "response.in_progress", response: { ...response, usage: null } };
}

/** `response.completed`. */
export function completed(options: CompletedOptions = {}): ServerEvent {
  const usage =
    options.usage === undefined ? { input_tokens: 10, output_tokens: 5 } : options.usage;
  const response: ServerResponseObject = {
    ...responseObject(options, "completed"),
    ...(options.output && { output: options.output }),
    usage: usage && toWireUsage(usage),
    ...(options.endTurn !== undefined && { end_turn: options.endTurn }),
  };
  return { type: "response.completed", response };
}

/** `response.failed`. For failures of other shapes use `rawEvent`. */
export function failed(options: FailedOptions): ServerEvent {
  const error = { code: options.code, message: options.message };
  const response = { ...responseObject(options, "failed"), error, usage: null };
  return { type: "response.failed", response };
}

/** `response.incomplete`. Without a reason the details are `null`. */
export function incomplete(reason?: string, options: LifecycleOptions = {}): ServerEvent {
  const details = reason === undefined ? null : { reason };
  const response = responseObject(options, "incomplete");
  return {
    type: "response.incomplete",
    response: { ...response, incomplete_details: details, usage: null },
  };
}

function responseObject(
  options: LifecycleOptions,
  status: NonNullable<ServerResponseObject["status"]>,
): ServerResponseObject {
  return {
    ...(options.responseId !== undefined && { id: options.responseId }),
    object: "response",
    // Fixed, so that two runs of one script send the same bytes.
    created_at: 1_700_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    ...(options.model !== undefined && { model: options.model }),
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
  };
}

function toWireUsage(usage: UsageInput): ServerUsage {
  return {
    input_tokens: usage.input_tokens,
    input_tokens_details: {
      cached_tokens: usage.cached_input_tokens ?? 0,
      cache_write_tokens: usage.cache_write_input_tokens ?? 0,
    },
    output_tokens: usage.output_tokens,
    output_tokens_details: { reasoning_tokens: usage.reasoning_output_tokens ?? 0 },
    total_tokens: usage.total_tokens ?? usage.input_tokens + usage.output_tokens,
  };
}
