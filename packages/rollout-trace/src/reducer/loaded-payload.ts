import type { JsonValue } from "@codex-ts/protocol";
import { JSON_DEPTH_LIMIT, parseExactJson } from "../json/parse-exact.ts";
import { JsonNumber, toJsonNode } from "../json/node.ts";
import type { JsonNode } from "../json/node.ts";
import { parseQuietly, requireStrict } from "../json/parse-strict.ts";
import type { PayloadReference } from "../format/payload.ts";
import type { ByteOperations } from "../json/bytes.ts";
import { isReadable } from "../reader/payload-reading.ts";
import type { PayloadReading } from "../reader/payload-reading.ts";
import { quote } from "../reader/problem.ts";
import type { ProblemReporter } from "../reader/problem.ts";
import { isWrittenInteger } from "../reader/written-integer.ts";

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

  /** The raw bytes, or `undefined` after reporting why there are none; a payload that was not kept is not reported. */
  bytes(): Uint8Array | undefined {
    if ("bytes" in this.#reading && isReadable(this.#reading)) return this.#reading.bytes;
    if (!this.isLost) this.#reportUnreadable();
    return undefined;
  }

  /** Whether it was cut or left out because of the recording's limits. */
  get isLost(): boolean {
    return "isLost" in this.#reading;
  }

  /** Ids of the parts in it that were not kept; each left an object with its id behind, see `UNAVAILABLE_MEMBER`. */
  get lostParts(): ReadonlySet<string> {
    return ("bytes" in this.#reading ? this.#reading.lost : undefined) ?? NOTHING_LOST;
  }

  #reportUnreadable(): void {
    const reading = this.#reading;
    const payloadId = this.reference.raw_payload_id;
    const facts = { payloadId, objectId: payloadId };
    const id = quote(payloadId);
    const cause = "cause" in reading ? reading.cause : undefined;
    const failure = "failure" in reading ? reading.failure : "missing";
    if (failure === "outside")
      this.#reporter.problem(
        "payload_outside_bundle",
        `path of ${id} leaves the bundle`,
        facts,
        cause,
      );
    else if ("why" in reading)
      this.#reporter.problem("payload_invalid", `${id} ${reading.why}`, facts);
    else if ("bytes" in reading)
      this.#reporter.problem("payload_invalid", `the parts of ${id} do not go together`, facts);
    else {
      const { path, shard } = this.reference;
      const where = path === undefined ? `${id} in shard ${shard}` : `file of ${id}`;
      this.#reporter.problem("payload_missing", `${where} can not be read`, facts, cause);
    }
  }

  /** Reports a path that leaves the bundle, also when what it points to is not needed. */
  refuseOutside(): void {
    if ("failure" in this.#reading && this.#reading.failure === "outside") this.bytes();
  }

  /** Reports it unless there is JSON at all: all Codex asks of what it does not use. */
  check(): void {
    const form = "bytes" in this.#reading ? this.#reading.form : undefined;
    if (form === undefined) this.#requireParsed();
    else if (form === "broken fragments") this.#reportInvalid(undefined);
  }

  /** The content, or `undefined` after reporting why there is none. */
  json(): JsonValue | undefined {
    this.#requireParsed();
    if (this.#value !== undefined && !this.#isRead) {
      this.#isRead = true;
      this.#requireSound();
    }
    return this.#value;
  }

  /** The same for content of which nothing may be missing. */
  wholeJson(): JsonValue | undefined {
    if (this.lostParts.size === 0) return this.json();
    const payloadId = this.reference.raw_payload_id;
    this.#reporter.problem("payload_shape", `a part of ${quote(payloadId)} was not recorded`, {
      payloadId,
      objectId: payloadId,
    });
    return undefined;
  }

  /** The content where it is there and sound, and else nothing: for what no state needs, so that nothing is reported. */
  peek(): JsonValue | undefined {
    if (!("bytes" in this.#reading) || !isReadable(this.#reading)) return undefined;
    const { bytes } = this.#reading;
    try {
      return parseQuietly(this.#operations.decode(bytes, 0, bytes.length));
    } catch {
      return undefined;
    }
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

  #requireParsed(): void {
    if (this.#isChecked) return;
    this.#isChecked = true;
    const bytes = this.bytes();
    if (bytes !== undefined) this.#parse(bytes);
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

const NOTHING_LOST: ReadonlySet<string> = new Set();
const FRACTIONS = new Map<string, RegExp>();

/** Finds a member of this name that is written as a fraction or with an exponent. */
function fractionOf(name: string): RegExp {
  const known = FRACTIONS.get(name) ?? new RegExp(`"${name}"\\s*:\\s*-?\\d+[.eE]`);
  FRACTIONS.set(name, known);
  return known;
}
