import { stripVTControlCharacters } from "node:util";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import { isMarkup, serverMessage, toServerMessage } from "../http/server-message.ts";

/** As much of a page as is looked at for words, in characters. */
const MAX_BODY_CHARACTERS = 8192;

/** What a server gave as the reason of a failure: in its own words, and by a code. */
export interface ServerWords {
  /** One line without control characters, at most 500 characters. */
  readonly message: string | undefined;
  readonly code: string | undefined;
}

/** A text without terminal sequences, control characters and marks that turn the direction of writing; lines stay. */
export function withoutControls(text: string): string {
  return stripVTControlCharacters(text).replaceAll(
    /(?![\t\n\r])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    "",
  );
}

/**
 * The words in a JSON value that reports a failure: in `error`, an object or a text, or in the value itself. Gateways
 * name them `message`, `detail`, `msg` or `error_description`. `undefined`: there are none.
 */
export function wordsIn(value: unknown): ServerWords | undefined {
  if (!isJsonObject(value)) return undefined;
  const { error } = value;
  if (isJsonObject(error)) return wordsOf(error, error["code"] ?? error["type"]) ?? wordsIn(error);
  if (typeof error === "string") return wordsOf({ message: error }, value["code"]);
  return wordsOf(value, value["code"]);
}

function wordsOf(object: JsonObject, codeValue: JsonValue | undefined): ServerWords | undefined {
  const text = textOf(
    object["message"] ?? object["detail"] ?? object["msg"] ?? object["error_description"],
  );
  const codeText = typeof codeValue === "number" ? String(codeValue) : textOf(codeValue);
  const message = toServerMessage(text);
  const code = toServerMessage(codeText);
  return message === undefined && code === undefined ? undefined : { message, code };
}

/** A text, or the texts of a list of problems, as validators give them. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  const texts = (value as readonly JsonValue[]).slice(0, 10).flatMap((entry) => {
    const text = isJsonObject(entry) ? (entry["msg"] ?? entry["message"]) : entry;
    return typeof text === "string" ? [text] : [];
  });
  return texts.length === 0 ? undefined : texts.join("; ");
}

/** The words of a whole body: those of a JSON error, of an HTML page, or the beginning of what is there. */
export function wordsOfBody(body: string): ServerWords | undefined {
  const words = wordsIn(parsedObject(body));
  const message = words?.message ?? serverMessage(body) ?? textOfPage(body);
  const code = words?.code;
  return message === undefined && code === undefined ? undefined : { message, code };
}

/** `message (code)`, as far as they are known. */
export function wordsText({ message, code }: ServerWords): string {
  if (message === undefined) return code ?? "";
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function parsedObject(text: string): unknown {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The text of a page without a title. */
function textOfPage(body: string): string | undefined {
  if (!isMarkup(body)) return undefined;
  return toServerMessage(
    body
      .slice(0, MAX_BODY_CHARACTERS)
      .replaceAll(/<(script|style)\b[^<>]*>[^]*?<\/\1\s*>/giu, " ")
      .replaceAll(/<[^<>]*>/gu, " "),
  );
}
