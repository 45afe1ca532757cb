import type { JsonValue } from "@codex-ts/protocol";
import type { PayloadReference } from "../format/payload.ts";
import type { EventPayload, StrippedOutputId } from "../format/raw-event.ts";
import type { TraceEventContext } from "../writer/trace-writer.ts";
import type { BundleRecorder } from "./bundle-recorder.ts";
import { isReducible } from "./trace-item.ts";

/** A request as it is given to a recorder. */
export interface RecordedRequest {
  readonly input: readonly unknown[];
}

/** The prompt from which the client made a request, recorded in the order of its members. */
export interface PreparedPrompt {
  /** The history, item by item. */
  readonly input: readonly unknown[];
  readonly tools?: readonly unknown[];
  readonly parallel_tool_calls?: boolean;
  readonly base_instructions?: { readonly text: string; readonly provenance?: JsonValue };
  readonly output_schema?: JsonValue;
  readonly output_schema_strict?: boolean;
  readonly prompt_cache_ttl?: JsonValue;
  readonly cyber_access_program?: JsonValue;
}

/**
 * Details that schema 3 records beside a request. Schemas 1 and 2 have no place for them, and nothing here is called or
 * recorded.
 */
export interface RequestDetails {
  /**
   * The prompt from which the client made the request. Called only when it is recorded. Default: derived from the
   * request.
   */
  readonly preparedPrompt?: (() => PreparedPrompt) | undefined;
  /** Over WebSocket, after a warm-up: the frame as sent, which leaves out what the warm-up sent. */
  readonly asSent?: RecordedRequest | undefined;
  /** Outputs that have an id in history and were sent without: their positions in the input as sent, and the ids. */
  readonly strippedToolOutputIds?: readonly StrippedOutputId[] | undefined;
}

type RequestPayloads = Pick<
  EventPayload<"inference_started">,
  | "request_payload"
  | "prepared_prompt_payload"
  | "warmup_context_payload"
  | "stripped_tool_output_ids"
>;

/** Schema 1 and 2: the whole request in a file. */
export function writeRequest(
  bundle: BundleRecorder,
  { threadId }: TraceEventContext,
  request: RecordedRequest,
): RequestPayloads | undefined {
  const payload = bundle.writePayload("inference_request", bundle.toRequest(threadId, request));
  return payload && { request_payload: payload };
}

/** Schema 3: the request, and what it was made from, out of parts that are recorded once. */
export function writeRequestInParts(
  bundle: BundleRecorder,
  { threadId }: TraceEventContext,
  request: RecordedRequest,
  { preparedPrompt, asSent, strippedToolOutputIds = [] }: RequestDetails,
): RequestPayloads | undefined {
  const { promptParts } = bundle;
  const whole = bundle.toRequest(threadId, request);
  const sent = asSent === undefined ? whole : bundle.toRequest(threadId, asSent);
  const requestPayload = promptParts.write("inference_request", sent, threadId);
  const prompt = promptParts.write(
    "prepared_prompt",
    preparedPrompt === undefined
      ? promptOf(whole)
      : withInput(preparedPrompt(), (input) => bundle.callIds.renameInput(threadId, input)),
    threadId,
  );
  if (requestPayload === undefined || prompt === undefined) return undefined;
  const warmup: PayloadReference | undefined =
    asSent === undefined
      ? undefined
      : promptParts.write("warmup_context", { input: whole.input }, threadId);
  const stripped = positionsInRecord(asSent ?? request, strippedToolOutputIds);
  return {
    request_payload: requestPayload,
    prepared_prompt_payload: prompt,
    ...(warmup === undefined ? {} : { warmup_context_payload: warmup }),
    ...(stripped.length === 0 ? {} : { stripped_tool_output_ids: stripped }),
  };
}

function withInput<Body extends RecordedRequest>(
  body: Body,
  change: (input: readonly unknown[]) => readonly unknown[],
): Body {
  const input = change(body.input);
  return input === body.input ? body : { ...body, input };
}

/** The parts of a request that a prompt has, too. */
function promptOf(request: RecordedRequest): PreparedPrompt {
  const { input, instructions, tools, parallel_tool_calls, text } = request as RecordedRequest & {
    readonly instructions?: unknown;
    readonly tools?: readonly unknown[];
    readonly parallel_tool_calls?: boolean;
    readonly text?: { readonly format?: { readonly schema?: JsonValue } };
  };
  return {
    input,
    tools: tools ?? [],
    parallel_tool_calls: parallel_tool_calls ?? false,
    base_instructions: { text: typeof instructions === "string" ? instructions : "" },
    output_schema: text?.format?.schema ?? null,
    output_schema_strict: true,
    prompt_cache_ttl: null,
    cyber_access_program: null,
  };
}

/** The recorded input lacks items that no reducer takes. */
function positionsInRecord(
  { input }: RecordedRequest,
  stripped: readonly StrippedOutputId[],
): readonly StrippedOutputId[] {
  return stripped.map(([index, id]) => [input.slice(0, index).filter(isReducible).length, id]);
}
