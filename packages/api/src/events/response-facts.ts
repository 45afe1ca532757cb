import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import type { ServerWords } from "./server-words.ts";
import { oneLineOf, wordsIn, wordsText } from "./server-words.ts";

/** Longer ids are none. */
const MAX_ID_CHARACTERS = 512;

/** Facts about a response, collected while it is received, for the error about its end. */
export class ResponseFacts {
  readonly #redact: (text: string) => string;
  #responseId: string | undefined;
  #words: ServerWords | undefined;
  #notUnderstood = 0;
  #isUnderstood = false;
  #firstNotUnderstood: string | undefined;

  /** `redact` takes credentials out of a text of the server. */
  constructor(redact: (text: string) => string = (text) => text) {
    this.#redact = redact;
  }

  /** `response.id`, once an event named it. */
  get responseId(): string | undefined {
    return this.#responseId;
  }

  /** The last words of the server about a failure, without their code. */
  get serverMessage(): string | undefined {
    return this.#words?.message ?? this.#words?.code;
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
    this.#responseId = this.#redact(id);
  }

  /** An event that reports a failure; returns whether it has any words. */
  noteFailure(event: JsonObject): boolean {
    const words = wordsIn(event);
    if (words === undefined) return false;
    const { message, code } = words;
    this.#words = {
      message: message && this.#redact(message),
      code: code && this.#redact(code),
    };
    return true;
  }

  noteUnderstood(): void {
    this.#isUnderstood = true;
  }

  noteNotUnderstood(text: string): void {
    if (this.#isUnderstood) return;
    this.#notUnderstood += 1;
    this.#firstNotUnderstood ??= oneLineOf(this.#redact(text.slice(0, 200)));
  }
}
