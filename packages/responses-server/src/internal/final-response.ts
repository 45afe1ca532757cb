import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { BodyReply, StreamReply } from "../script/exchange.ts";

/** Events that end a response, and the status that each one leaves it with. */
export const FINAL_STATUS: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ["response.completed", "completed"],
  ["response.failed", "failed"],
  ["response.incomplete", "incomplete"],
]);

/** Adds the events of one response up to what a client gets that did not ask for a stream. */
export class FinalResponse {
  #response: JsonObject = { object: "response" };
  readonly #items: JsonValue[] = [];
  #end: JsonObject | undefined;

  /** Takes one event as it would be sent; those after the end of the response change nothing. */
  add(event: JsonObject): void {
    if (this.#end) return;
    const { type } = event;
    if (type === "error" || FINAL_STATUS.has(type)) this.#end = event;
    if (type === "response.output_item.done" && isJsonObject(event["item"])) {
      this.#items.push(event["item"]);
    }
    if (isJsonObject(event["response"])) {
      this.#response = { ...this.#response, ...event["response"] };
    }
  }

  /** The reply in one piece. Throws when the events do not say how the response ends. */
  toReply(reply: StreamReply): BodyReply {
    const end = this.#end;
    if (!end) {
      throw new Error(
        "the script ends without response.completed, response.failed, response.incomplete or error: " +
          "a request without `stream: true` has no response then",
      );
    }
    const { events: _events, deliver: _deliver, chunkSizesBytes: _sizes, ...head } = reply;
    return end["type"] === "error"
      ? { ...head, ...errorAnswer(end, reply) }
      : { ...head, body: this.#body(end) };
  }

  #body(end: JsonObject): JsonObject {
    const last = isJsonObject(end["response"]) ? end["response"] : {};
    // `created` carries an empty list, so only the final event's own list counts.
    const output = Array.isArray(last["output"]) ? last["output"] : this.#items;
    return {
      ...this.#response,
      status: last["status"] ?? FINAL_STATUS.get(end["type"]) ?? null,
      output,
    };
  }
}

/** The HTTP response that an `error` event stands for, in the form that wraps one and in the bare form. */
function errorAnswer(
  event: JsonObject,
  reply: StreamReply,
): Pick<BodyReply, "status" | "headers" | "body"> {
  const { type: _type, sequence_number: _number, status, headers, error, ...bare } = event;
  const told = Object.entries(isJsonObject(headers) ? headers : {});
  return {
    status: typeof status === "number" ? status : 500,
    headers: {
      ...reply.headers,
      ...Object.fromEntries(
        told.filter((pair): pair is [string, string] => typeof pair[1] === "string"),
      ),
    },
    body: { error: isJsonObject(error) ? error : { type: "server_error", ...bare } },
  };
}
