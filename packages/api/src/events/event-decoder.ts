import type { JsonObject, JsonValue, ResponseEvent } from "@codex-ts/protocol";
import { isJsonObject, readResponseItem } from "@codex-ts/protocol";
import type { AnyApiError } from "../errors.ts";
import { StreamError } from "../errors.ts";
import type { TurnState } from "../headers/turn-state.ts";
import { readCompleted } from "./completed.ts";
import { isIgnoredEventType } from "./ignored-events.ts";
import type { FailureContext } from "./response-failure.ts";
import { incompleteFailure, responseFailure } from "./response-failure.ts";
import { serverModelIn, turnStateIn } from "./server-model.ts";

/** Receives what one decoded event amounts to, in order. */
export interface EventSink {
  onEvent(event: ResponseEvent): void;
  onFailure(error: AnyApiError): void;
}

export interface EventDecoderOptions extends FailureContext {
  readonly turnState?: TurnState | undefined;
}

/**
 * Turns the JSON events of one response into `ResponseEvent`s and failures. Never throws on hostile input: what does
 * not parse is skipped. One per stream, because a repeated server model is reported once.
 * Source: docs/behavior/api.md 7.
 */
export class EventDecoder {
  readonly #options: EventDecoderOptions;
  #lastServerModel: string | undefined;

  constructor(options: EventDecoderOptions) {
    this.#options = options;
  }

  /** Decodes the text of one event. */
  decodeText(text: string, sink: EventSink): void {
    // Cheaper than letting JSON.parse throw, and the only non-JSON text servers send on purpose.
    if (text === "[DONE]") return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    if (isJsonObject(value)) this.decode(value, sink);
  }

  /** Decodes one parsed event. */
  decode(envelope: JsonObject, sink: EventSink): void {
    const type = envelope["type"];
    if (typeof type !== "string" || !isEnvelope(envelope)) return;
    this.#reportServerModel(envelope, sink);
    switch (type) {
      case "response.output_text.delta":
        if (typeof envelope["delta"] === "string") {
          sink.onEvent({ type: "outputTextDelta", delta: envelope["delta"] });
        }
        return;
      case "response.output_item.added":
      case "response.output_item.done": {
        const item = readResponseItem(envelope["item"]);
        if (item === undefined) return;
        const added = type === "response.output_item.added";
        sink.onEvent({ type: added ? "outputItemAdded" : "outputItemDone", item });
        return;
      }
      case "response.created":
        if (isPresent(envelope["response"])) sink.onEvent({ type: "created" });
        return;
      case "response.completed":
        this.#complete(envelope["response"], sink);
        return;
      case "response.failed":
        sink.onFailure(responseFailure(envelope["response"], this.#options));
        return;
      case "response.incomplete":
        sink.onFailure(incompleteFailure(envelope["response"], this.#options));
        return;
      case "response.metadata":
        this.#reportMetadata(envelope, sink);
        return;
      default:
        this.#decodeRare(type, envelope, sink);
    }
  }

  #decodeRare(type: string, envelope: JsonObject, sink: EventSink): void {
    const { delta, item_id: itemId, call_id: callId } = envelope;
    const summaryIndex = envelope["summary_index"];
    const contentIndex = envelope["content_index"];
    switch (type) {
      case "response.custom_tool_call_input.delta": {
        const id = itemId ?? callId;
        if (typeof delta !== "string" || typeof id !== "string") return;
        const knownCallId = typeof callId === "string" ? callId : null;
        sink.onEvent({ type: "toolCallInputDelta", itemId: id, callId: knownCallId, delta });
        return;
      }
      case "response.reasoning_summary_text.delta":
        if (typeof delta !== "string" || typeof summaryIndex !== "number") return;
        sink.onEvent({ type: "reasoningSummaryDelta", delta, summaryIndex });
        return;
      case "response.reasoning_text.delta":
        if (typeof delta !== "string" || typeof contentIndex !== "number") return;
        sink.onEvent({ type: "reasoningContentDelta", delta, contentIndex });
        return;
      case "response.reasoning_summary_part.added":
        if (typeof summaryIndex !== "number") return;
        sink.onEvent({ type: "reasoningSummaryPartAdded", summaryIndex });
        return;
      default:
        if (!isIgnoredEventType(type)) sink.onEvent({ type: "other", raw: envelope });
    }
  }

  #complete(response: JsonValue | undefined, sink: EventSink): void {
    if (!isPresent(response)) return;
    const completed = readCompleted(response);
    if ("event" in completed) {
      sink.onEvent(completed.event);
      return;
    }
    sink.onFailure(
      new StreamError(`failed to parse ResponseCompleted: ${completed.problem}`, {
        reason: "unparsable_completion",
        upstreamRequestId: this.#options.upstreamRequestId,
      }),
    );
  }

  #reportServerModel(envelope: JsonObject, sink: EventSink): void {
    const { response, headers } = envelope;
    // Deltas carry neither, so the common event pays two property reads.
    if (response === undefined && headers === undefined) return;
    const inner = isJsonObject(response) ? serverModelIn(response["headers"]) : undefined;
    const model = inner ?? serverModelIn(headers);
    if (model === undefined || model === this.#lastServerModel) return;
    this.#lastServerModel = model;
    sink.onEvent({ type: "serverModel", model });
  }

  #reportMetadata(envelope: JsonObject, sink: EventSink): void {
    const { metadata, headers } = envelope;
    const turnState = turnStateIn(headers);
    if (turnState !== undefined) this.#options.turnState?.offer(turnState);
    if (!isJsonObject(metadata)) return;
    const verifications = knownVerifications(metadata["openai_verification_recommendation"]);
    if (verifications.length > 0) sink.onEvent({ type: "modelVerifications", verifications });
    const moderation = metadata["openai_chatgpt_moderation_metadata"];
    if (moderation !== undefined) {
      sink.onEvent({ type: "turnModerationMetadata", metadata: moderation });
    }
  }
}

const KNOWN_VERIFICATION_NAMES: ReadonlySet<JsonValue> = new Set(["trusted_access_for_cyber"]);

function knownVerifications(value: JsonValue | undefined): string[] {
  if (!Array.isArray(value)) return [];
  return [...new Set(value as JsonValue[])].filter(
    (name): name is string => typeof name === "string" && KNOWN_VERIFICATION_NAMES.has(name),
  );
}

/**
 * The typed members of every event, checked whether or not the event's kind uses them: one of the wrong type makes the
 * whole event unreadable. `null` counts as absent. Source: docs/behavior/api.md 6.
 */
function isEnvelope(event: JsonObject): boolean {
  return (
    isTextOrAbsent(event["delta"]) &&
    isTextOrAbsent(event["item_id"]) &&
    isTextOrAbsent(event["call_id"]) &&
    isIntegerOrAbsent(event["summary_index"]) &&
    isIntegerOrAbsent(event["content_index"])
  );
}

function isTextOrAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || typeof value === "string" || value === null;
}

function isIntegerOrAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || Number.isInteger(value) || value === null;
}

function isPresent(value: JsonValue | undefined): value is Exclude<JsonValue, null> {
  return value !== undefined && value !== null;
}
