import type { JsonValue } from "@codex-ts/protocol";
import { JSON_DEPTH_LIMIT, parseExactJson } from "../json/parse-exact.ts";
import { JsonNumber, toJsonNode } from "../json/node.ts";
import type { JsonNode } from "../json/node.ts";
import { parseQuietly, requireStrict } from "../json/parse-strict.ts";
import type { PayloadReference } from "../format/payload.ts";
import type { ByteOperations } from "../json/bytes.ts";
import { quote } from "../reader/problem.ts";
import type { ProblemReporter } from "../reader/problem.ts";
import { isWrittenInteger } from "../reader/written-integer.ts";

/** The outcome of reading a payload file: its bytes (only good until the next event), or why there are none. */
export type PayloadReading =
  | { readonly bytes: Uint8Array }
  | { readonly failure: "missing" | "outside"; readonly cause?: unknown };

interface LoadedPayloadOptions {
  readonly reference: PayloadReference;
  readonly reading: PayloadReading;
  readonly reporter: ProblemReporter;
  readonly operations: ByteOperations;
}

/** A payload of the event being applied, parsed when it is first looked at. */
export class LoadedPayload {
  readonly reference: PayloadReference;
  readonly #reporter: ProblemReporter;
  readonly #operations: ByteOperations;
  readonly #reading: PayloadReading;
  #text = "";
  #value: JsonValue | undefined;
  #isChecked = false;
  #isRead = false;
  #isSound = true;

  constructor({ reference, reading, reporter, operations }: LoadedPayloadOptions) {
    this.reference = reference;
    this.#reading = reading;
    this.#reporter = reporter;
    this.#operations = operations;
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
      this.#reporter.problem(
        "payload_outside_bundle",
        `path of ${id} leaves the bundle`,
        facts,
        cause,
      );
    else this.#reporter.problem("payload_missing", `file of ${id} can not be read`, facts, cause);
    return undefined;
  }

  /** Reports a path that leaves the bundle, also when what it points to is not needed. */
  refuseOutside(): void {
    if ("failure" in this.#reading && this.#reading.failure === "outside") this.bytes();
  }

  /** Whether there is JSON at all, after reporting that there is none: all Codex asks of what it does not use. */
  check(): boolean {
    if (!this.#isChecked) {
      this.#isChecked = true;
      const bytes = this.bytes();
      if (bytes !== undefined) this.#parse(bytes);
    }
    return this.#value !== undefined;
  }

  /** The content, or `undefined` after reporting why there is none. */
  json(): JsonValue | undefined {
    if (this.check() && !this.#isRead) {
      this.#isRead = true;
      this.#requireSound();
    }
    return this.#value;
  }

  /** Whether Codex would have parsed it too. */
  get isSound(): boolean {
    return this.#isSound;
  }

  /** The content with key order and number text kept. Only after {@link json} gave a value. */
  exact(): JsonNode {
    try {
      return parseExactJson(this.text());
    } catch {
      // Only tolerant reading gets here, with text Codex refuses.
      return toJsonNode(this.json() ?? null, JSON_DEPTH_LIMIT);
    }
  }

  /** The text as it stands. Only after {@link json} gave a value. */
  text(): string {
    return this.#text;
  }

  /**
   * Whether the member at the end of these names, which {@link json} shows as an integer, is written as a 64-bit one.
   * Looks at the exact text only where the text could say otherwise.
   */
  writesInteger(value: number, names: readonly string[]): boolean {
    if (Number.isSafeInteger(value) && !fractionOf(names.at(-1) ?? "").test(this.text()))
      return true;
    let node: JsonNode | undefined = this.exact();
    for (const name of names) node = node instanceof Map ? node.get(name) : undefined;
    return node instanceof JsonNumber && isWrittenInteger(node.text, "i64");
  }

  /** Reports that the content is not what its event needs. */
  misshapen(what: string): void {
    const payloadId = this.reference.raw_payload_id;
    this.#reporter.problem("payload_shape", `${quote(payloadId)} ${what}`, {
      payloadId,
      objectId: payloadId,
    });
  }

  #parse(bytes: Uint8Array): void {
    try {
      this.#text = this.#operations.decode(bytes, 0, bytes.length);
    } catch {
      this.#isSound = false;
    }
    try {
      // Text that is too long for a string fails again, and is then no JSON anyone could read.
      if (!this.#isSound) this.#text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      this.#value = parseQuietly(this.#text);
    } catch (cause) {
      this.#isSound = false;
      this.#reportInvalid(cause);
    }
  }

  /** Text that only Codex refuses still says something, so tolerant reading goes on with it. */
  #requireSound(): void {
    if (this.#value === undefined) return;
    try {
      if (!this.#isSound) throw new SyntaxError("not valid utf-8");
      requireStrict(this.#text, this.#value);
    } catch (cause) {
      this.#isSound = false;
      this.#reportInvalid(cause);
    }
  }

  #reportInvalid(cause: unknown): void {
    const payloadId = this.reference.raw_payload_id;
    this.#reporter.problem(
      "payload_invalid",
      `${quote(payloadId)} is not valid json`,
      { payloadId, objectId: payloadId },
      cause,
    );
  }
}

const FRACTIONS = new Map<string, RegExp>();

/** Finds a member of this name that is written as a fraction or with an exponent. */
function fractionOf(name: string): RegExp {
  const known = FRACTIONS.get(name) ?? new RegExp(`"${name}"\\s*:\\s*-?\\d+[.eE]`);
  FRACTIONS.set(name, known);
  return known;
}
