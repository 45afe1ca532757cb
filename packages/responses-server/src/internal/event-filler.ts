import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ServerEvent } from "../events/server-event.ts";
import type { ServerItem } from "../events/server-item.ts";
import type { ReceivedRequest } from "../received-request.ts";
import { FINAL_STATUS } from "./final-response.ts";
import { requestedModel } from "./received.ts";

/** Kinds of items that have an id in the API, and how these ids begin. */
const ITEM_ID_PREFIXES: Readonly<Record<string, string>> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  custom_tool_call: "ctc",
  local_shell_call: "lsh",
  web_search_call: "ws",
  tool_search_call: "tsc",
  image_generation_call: "ig",
  compaction: "cmp",
};

/** Fills in the numbers and ids that the events of one stream leave out, so that the stream is valid. */
export class EventFiller {
  readonly #requestNumber: number;
  readonly #model: string;
  #responseId: string;
  #sequenceNumber = 0;
  #itemId: string | undefined;
  readonly #output: JsonValue[] = [];

  /** The number of the request makes default ids differ between the streams of one server. */
  constructor(request: ReceivedRequest) {
    this.#requestNumber = request.index + 1;
    this.#model = requestedModel(request) ?? "scripted-model";
    this.#responseId = `resp_${this.#requestNumber}`;
  }

  fill(event: ServerEvent): JsonObject {
    if (event.type === "error" || event.type === "codex.rate_limits") return toJson(event);
    const filled = toJson({
      ...event,
      sequence_number: event.sequence_number ?? this.#sequenceNumber,
    });
    this.#sequenceNumber += 1;
    if ("response" in event) return this.#fillLifecycle(event, filled);
    if ("item" in event) return this.#fillItem(event, filled);
    if (event.type === "response.metadata") return filled;
    return {
      ...filled,
      item_id: event.item_id ?? this.#itemId ?? this.#nextItemId(idPrefixOfPart(event.type)),
      output_index: event.output_index ?? this.#output.length,
    };
  }

  #fillLifecycle(
    event: Extract<ServerEvent, { readonly response: unknown }>,
    filled: JsonObject,
  ): JsonObject {
    if (event.response.id !== undefined) this.#responseId = event.response.id;
    const output = FINAL_STATUS.has(event.type) ? { output: [...this.#output] } : {};
    const response = {
      id: this.#responseId,
      model: this.#model,
      ...output,
      ...toJson(event.response),
    };
    return { ...filled, response };
  }

  #fillItem(
    event: Extract<ServerEvent, { readonly item: ServerItem }>,
    filled: JsonObject,
  ): JsonObject {
    const isAdded = event.type === "response.output_item.added";
    const item = this.#withId(event.item, isAdded ? undefined : this.#itemId);
    const outputIndex = event.output_index ?? this.#output.length;
    if (!isAdded) this.#output.push(item);
    this.#itemId = isAdded && typeof item["id"] === "string" ? item["id"] : undefined;
    return { ...filled, output_index: outputIndex, item };
  }

  /** A finished item keeps the id it was added with. */
  #withId(item: ServerItem, addedId: string | undefined): JsonObject {
    const prefix = ITEM_ID_PREFIXES[item.type];
    const hasId = "id" in item && item.id !== undefined;
    if (hasId || prefix === undefined) return toJson(item);
    return { id: addedId ?? this.#nextItemId(prefix), ...toJson(item) };
  }

  #nextItemId(prefix: string): string {
    return `${prefix}_${this.#requestNumber}_${this.#output.length + 1}`;
  }
}

function idPrefixOfPart(eventType: string): string {
  if (eventType.startsWith("response.reasoning")) return "rs";
  if (eventType.startsWith("response.function_call")) return "fc";
  return eventType.startsWith("response.custom_tool_call") ? "ctc" : "msg";
}

/** Wire interfaces have no index signature, so the compiler cannot see that they are JSON. */
function toJson(value: object): JsonObject {
  return value as JsonObject;
}
