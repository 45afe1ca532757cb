import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import type { SecretSet } from "../secrets/secret-set.ts";
import type { ServerWords } from "./server-words.ts";
import { oneLineOf, wordsIn, wordsText } from "./server-words.ts";

/** As much of an event that is none is looked at. */
const MAX_SCRUBBED_CHARACTERS = 8192;

/** Longer ids are none. */
const MAX_ID_CHARACTERS = 512;

/** Facts about a response, collected while it is received, for the error about its end. */
export class ResponseFacts {
  readonly #secrets: SecretSet;
  #responseId: string | undefined;
  /** As the server wrote it, so that the same id is looked at once. */
  #rawResponseId: string | undefined;
  #words: ServerWords | undefined;
  #notUnderstood = 0;
  #isUnderstood = false;
  #firstNotUnderstood: string | undefined;

  /** `secrets`: what a server must not bring into an error. */
  constructor(secrets: SecretSet) {
    this.#secrets = secrets;
  }

  /** `response.id`, once an event named it. */
  get responseId(): string | undefined {
    return this.#responseId;
  }

  /** The last words of the server about a failure, without their code. */
  get serverMessage(): string | undefined {
    return this.#words?.message ?? this.#words?.code;
  }

  get serverCode(): string | undefined {
    return this.#words?.code;
  }

  /** The same with their code, for a message. */
  get serverWords(): string | undefined {
    return this.#words && wordsText(this.#words);
  }

  /** Events that arrived when none could be understood; 0 as soon as one could. */
  get notUnderstoodCount(): number {
    return this.#isUnderstood ? 0 : this.#notUnderstood;
  }

  /** Beginning of the first of them. */
  get firstNotUnderstood(): string | undefined {
    return this.#firstNotUnderstood;
  }

  noteResponse(response: JsonValue | undefined): void {
    const id = isJsonObject(response) ? response["id"] : undefined;
    if (typeof id !== "string" || id === "" || id.length > MAX_ID_CHARACTERS) return;
    if (id !== this.#rawResponseId) this.#responseId = this.#secrets.scrub(id);
    this.#rawResponseId = id;
  }

  /** An event that reports a failure; returns whether it has any words. */
  noteFailure(event: JsonObject): boolean {
    // Before the words are cut to their length.
    const words = wordsIn(this.#secrets.scrubJson(event));
    if (words !== undefined) this.#words = words;
    return words !== undefined;
  }

  noteUnderstood(): void {
    this.#isUnderstood = true;
  }

  noteNotUnderstood(text: string): void {
    if (this.#isUnderstood) return;
    this.#notUnderstood += 1;
    this.#firstNotUnderstood ??= oneLineOf(
      this.#secrets.scrubBeginning(text.slice(0, MAX_SCRUBBED_CHARACTERS)).slice(0, 200),
    );
  }
}
