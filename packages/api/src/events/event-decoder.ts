import type { JsonObject, JsonValue, ResponseEvent } from "@codex-ts/protocol";
import { isJsonObject, readResponseItem } from "@codex-ts/protocol";
import type { AnyApiError } from "../errors.ts";
import { StreamError } from "../errors.ts";
import type { TurnState } from "../headers/turn-state.ts";
import { scrubError } from "../secrets/scrub-error.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import { readCompleted } from "./completed.ts";
import { isIgnoredEventType } from "./ignored-events.ts";
import { isNestedTooDeep } from "./nesting.ts";
import { OutputTracker } from "./output-tracker.ts";
import { readPlainPiece } from "./plain-piece.ts";
import { ResponseFacts } from "./response-facts.ts";
import type { FailureContext } from "./response-failure.ts";
import { incompleteFailure, responseFailure } from "./response-failure.ts";
import { serverModelIn, turnStateIn } from "./server-model.ts";

/** Receives what one decoded event amounts to, in order. */
export interface EventSink {
  onEvent(event: ResponseEvent): void;
  onFailure(error: AnyApiError): void;
}

export interface EventDecoderOptions extends FailureContext {
  /** Credentials; no event but the model's own items and their pieces repeats them. */
  readonly secrets: SecretSet;
  readonly turnState?: TurnState | undefined;
}

/**
 * Turns the JSON events of one response into `ResponseEvent`s and failures. Never throws on hostile input: what does
 * not parse is skipped. One per stream, because it knows what the response has shown. Source: docs/behavior/api.md 7.
 */
export class EventDecoder {
  /** Facts about the response, as far as its events have named them. */
  readonly facts: ResponseFacts;
  readonly #options: EventDecoderOptions;
  readonly #output = new OutputTracker();
  #lastServerModel: string | undefined;

  constructor(options: EventDecoderOptions) {
    this.#options = options;
    this.facts = new ResponseFacts(options.secrets);
  }

  /** Decodes the text of one event. */
  decodeText(text: string, sink: EventSink): void {
    // Cheaper than letting JSON.parse throw, and the only non-JSON text servers send on purpose.
    if (text === "[DONE]") return;
    const value = readPlainPiece(text) ?? parsed(text);
    if (isJsonObject(value)) this.decode(value, sink, text);
    else this.facts.noteNotUnderstood(text);
  }

  /** Decodes one parsed event, of which `text` is the JSON. Nearly all are pieces of text, so their way is a short one. */
  decode(envelope: JsonObject, sink: EventSink, text: string): void {
    const { type, delta } = envelope;
    if (typeof type !== "string") {
      this.#decodeUntyped(envelope, text);
      return;
    }
    // An item is not lost for a member beside it.
    if (!isEnvelope(envelope) && type !== "response.output_item.done") {
      this.facts.noteNotUnderstood(text);
      return;
    }
    this.#reportServerModel(envelope, sink);
    if (type !== "response.output_text.delta") {
      this.#decodeOther(type, envelope, sink, text);
      return;
    }
    this.facts.noteUnderstood();
    if (typeof delta !== "string") return;
    this.#output.piece("message", delta, envelope);
    sink.onEvent({ type: "outputTextDelta", delta });
  }

  /** A gateway that has failed says so without a type. */
  #decodeUntyped(envelope: JsonObject, text: string): void {
    const isFailure = "error" in envelope && this.facts.noteFailure(envelope);
    if (!isFailure) this.facts.noteNotUnderstood(text);
  }

  #decodeOther(type: string, envelope: JsonObject, sink: EventSink, text: string): void {
    switch (type) {
      case "response.output_item.added": {
        if (isNestedTooDeep(envelope["item"])) break;
        this.#output.added(envelope["item"], envelope);
        const item = readResponseItem(envelope["item"]);
        if (item !== undefined) sink.onEvent({ type: "outputItemAdded", item });
        break;
      }
      case "response.output_item.done": {
        const item = this.#output.done(envelope["item"], envelope);
        if (item !== undefined) sink.onEvent({ type: "outputItemDone", item });
        break;
      }
      case "response.created":
        if (isPresent(envelope["response"])) sink.onEvent({ type: "created" });
        break;
      case "response.completed":
        this.#complete(envelope["response"], sink);
        break;
      case "response.failed":
        this.facts.noteFailure(failureIn(envelope));
        this.#fail(responseFailure(this.#scrubbed(envelope["response"]), this.#context), sink);
        break;
      case "response.incomplete":
        this.#fail(incompleteFailure(this.#scrubbed(envelope["response"]), this.#context), sink);
        break;
      case "response.metadata":
        this.#reportMetadata(envelope, sink);
        break;
      case "error":
        this.facts.noteFailure(envelope);
        return;
      default:
        if (this.#decodeRare(type, envelope, sink)) break;
        this.facts.noteNotUnderstood(text);
        if (!isNestedTooDeep(envelope)) {
          sink.onEvent({ type: "other", raw: this.#options.secrets.scrubJson(envelope) });
        }
        return;
    }
    this.facts.noteUnderstood();
  }

  #scrubbed(value: JsonValue | undefined): JsonValue | undefined {
    return value === undefined ? undefined : this.#options.secrets.scrubJson(value);
  }

  /** Scrubbed once more, because the words of an error are free of control characters. */
  #fail(error: AnyApiError, sink: EventSink): void {
    sink.onFailure(scrubError(error, this.#options.secrets));
  }

  get #context(): FailureContext {
    return { ...this.#options, responseId: this.facts.responseId };
  }

  /** False for an event of a type nobody knows. */
  #decodeRare(type: string, envelope: JsonObject, sink: EventSink): boolean {
    const { delta, item_id: itemId, call_id: callId } = envelope;
    const summaryIndex = envelope["summary_index"];
    const contentIndex = envelope["content_index"];
    switch (type) {
      case "response.custom_tool_call_input.delta": {
        if (typeof delta === "string") this.#output.piece("custom_tool_call", delta, envelope);
        const id = itemId ?? callId;
        if (typeof delta !== "string" || typeof id !== "string") return true;
        const knownCallId = typeof callId === "string" ? callId : null;
        sink.onEvent({ type: "toolCallInputDelta", itemId: id, callId: knownCallId, delta });
        return true;
      }
      case "response.reasoning_summary_text.delta":
        if (typeof delta !== "string" || typeof summaryIndex !== "number") return true;
        sink.onEvent({ type: "reasoningSummaryDelta", delta, summaryIndex });
        return true;
      case "response.reasoning_text.delta":
        if (typeof delta !== "string" || typeof contentIndex !== "number") return true;
        sink.onEvent({ type: "reasoningContentDelta", delta, contentIndex });
        return true;
      case "response.reasoning_summary_part.added":
        if (typeof summaryIndex !== "number") return true;
        sink.onEvent({ type: "reasoningSummaryPartAdded", summaryIndex });
        return true;
      default:
        if (!isIgnoredEventType(type)) return false;
        this.#trackPieces(type, envelope);
        return true;
    }
  }

  /** Events whose content arrives again in the finished item, if that arrives. */
  #trackPieces(type: string, envelope: JsonObject): void {
    const { delta, text, arguments: whole, input } = envelope;
    switch (type) {
      case "response.output_text.done":
        if (typeof text === "string") {
          this.#output.whole("message", text, envelope);
        }
        return;
      case "response.function_call_arguments.delta":
        if (typeof delta === "string") this.#output.piece("function_call", delta, envelope);
        return;
      case "response.function_call_arguments.done":
        if (typeof whole === "string") {
          this.#output.whole("function_call", whole, envelope);
        }
        return;
      case "response.custom_tool_call_input.done":
        if (typeof input === "string") {
          this.#output.whole("custom_tool_call", input, envelope);
        }
        return;
      default:
    }
  }

  #complete(response: JsonValue | undefined, sink: EventSink): void {
    if (!isPresent(response)) return;
    const completed = readCompleted(response);
    if ("event" in completed) {
      const output = isJsonObject(response) ? response["output"] : undefined;
      for (const event of this.#output.missing(output)) sink.onEvent(this.#withoutSecrets(event));
      const responseId = this.#options.secrets.scrub(completed.event.responseId);
      sink.onEvent({ ...completed.event, responseId });
      return;
    }
    this.#fail(
      new StreamError(`failed to parse ResponseCompleted: ${completed.problem}`, {
        reason: "unparsable_completion",
        upstreamRequestId: this.#options.upstreamRequestId,
        responseId: this.facts.responseId,
      }),
      sink,
    );
  }

  /** The note about an item that is left out is ours, not the model's. */
  #withoutSecrets(event: ResponseEvent): ResponseEvent {
    return event.type === "unreadableItem" ? this.#options.secrets.scrubMembers(event) : event;
  }

  #reportServerModel(envelope: JsonObject, sink: EventSink): void {
    const { response, headers } = envelope;
    // Deltas carry neither, so the common event pays two property reads.
    if (response === undefined && headers === undefined) return;
    this.facts.noteResponse(response);
    const inner = isJsonObject(response) ? serverModelIn(response["headers"]) : undefined;
    const model = inner ?? serverModelIn(headers);
    if (model === undefined || model === this.#lastServerModel) return;
    this.#lastServerModel = model;
    sink.onEvent({ type: "serverModel", model: this.#options.secrets.scrub(model) });
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
      const clean = this.#options.secrets.scrubJson(moderation);
      sink.onEvent({ type: "turnModerationMetadata", metadata: clean });
    }
  }
}

/** `undefined` for what is no JSON, which counts as what it is: no event. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a failed response says why. */
function failureIn({ response }: JsonObject): JsonObject {
  return isJsonObject(response) && isPresent(response["error"]) ? { error: response["error"] } : {};
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
