import type { JsonValue } from "@codex-ts/protocol";
import type { ByteOperations } from "../json/bytes.ts";
import { parseExactJson } from "../json/parse-exact.ts";
import { toJsonNode } from "../json/node.ts";
import type { JsonNode } from "../json/node.ts";
import { parseQuietly, parseStrictJson } from "../json/parse-strict.ts";
import type { PayloadReference } from "../payload.ts";
import { quote } from "../reader/problem.ts";
import type { ReducerContext } from "./context.ts";

/** What reading a payload file gave: its bytes (only good until the next event), or why there are none. */
export type PayloadReading =
  | { readonly bytes: Uint8Array }
  | { readonly failure: "missing" | "outside"; readonly cause?: unknown };

/** A payload of the event being applied, parsed when it is first looked at. */
export class LoadedPayload {
  readonly reference: PayloadReference;
  readonly #context: ReducerContext;
  readonly #reading: PayloadReading;
  #value: JsonValue | undefined;
  #isParsed = false;
  #isSound = true;

  constructor(context: ReducerContext, reference: PayloadReference, reading: PayloadReading) {
    this.#context = context;
    this.reference = reference;
    this.#reading = reading;
  }

  /** The raw bytes, or `undefined` after reporting why there are none. */
  bytes(): Uint8Array | undefined {
    if ("bytes" in this.#reading) return this.#reading.bytes;
    const { failure, cause } = this.#reading;
    const id = quote(this.reference.raw_payload_id);
    const facts = {
      payloadId: this.reference.raw_payload_id,
      objectId: this.reference.raw_payload_id,
    };
    if (failure === "outside")
      this.#context.problem(
        "payload_outside_bundle",
        `path of ${id} leaves the bundle`,
        facts,
        cause,
      );
    else this.#context.problem("payload_missing", `file of ${id} can not be read`, facts, cause);
    return undefined;
  }

  /** Reports a path that leaves the bundle, also when nobody needs what it points to. */
  refuseOutside(): void {
    if ("failure" in this.#reading && this.#reading.failure === "outside") this.bytes();
  }

  /** The content, or `undefined` after reporting why there is none. */
  json(): JsonValue | undefined {
    if (this.#isParsed) return this.#value;
    const bytes = this.bytes();
    this.#value = bytes === undefined ? undefined : this.#parse(bytes);
    this.#isParsed = true;
    return this.#value;
  }

  /** Whether the original would have parsed it too. */
  get isSound(): boolean {
    return this.#isSound;
  }

  /** The content with key order and number text kept. Only after {@link json} gave a value. */
  exact(): JsonNode {
    try {
      return parseExactJson(this.text());
    } catch {
      // Only tolerant reading gets here, with text the original refuses.
      return toJsonNode(this.json() ?? null);
    }
  }

  /** The text as it stands. Only after {@link json} gave a value. */
  text(): string {
    if (!("bytes" in this.#reading)) throw new Error("payload has no content");
    return decodeLoosely(this.#context.bytes, this.#reading.bytes);
  }

  /** Reports that the content is not what its event needs. */
  misshapen(what: string): void {
    const payloadId = this.reference.raw_payload_id;
    this.#context.problem("payload_shape", `${quote(payloadId)} ${what}`, {
      payloadId,
      objectId: payloadId,
    });
  }

  #parse(bytes: Uint8Array): JsonValue | undefined {
    try {
      return parseStrictJson(this.#context.bytes.decode(bytes, 0, bytes.length));
    } catch (cause) {
      this.#isSound = false;
      const payloadId = this.reference.raw_payload_id;
      this.#context.problem(
        "payload_invalid",
        `${quote(payloadId)} is not valid json`,
        { payloadId, objectId: payloadId },
        cause,
      );
    }
    // Tolerant from here on: text that only the original refuses still says something.
    try {
      return parseQuietly(decodeLoosely(this.#context.bytes, bytes));
    } catch {
      return undefined;
    }
  }
}

function decodeLoosely(operations: ByteOperations, bytes: Uint8Array): string {
  try {
    return operations.decode(bytes, 0, bytes.length);
  } catch {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }
}
