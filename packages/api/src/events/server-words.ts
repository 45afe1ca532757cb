import { stripVTControlCharacters } from "node:util";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";

/** Longest words of a server in an error, in characters. */
const MAX_WORDS_CHARACTERS = 1000;

/** Nesting that is followed; servers send any. */
const MAX_DEPTH = 8;

const MESSAGE_MEMBERS = [
  "message",
  "Message",
  "detail",
  "msg",
  "error_description",
  "title",
  "errors",
  "reason",
] as const;

/** As much of a body as is looked at for words, in characters. */
const MAX_BODY_CHARACTERS = 8192;

/** The reason of a failure as a server stated it: in its own words, and by a code. */
export interface ServerWords {
  /** One line without control characters, at most 1000 characters. */
  readonly message: string | undefined;
  readonly code: string | undefined;
}

/** A text of a server as one line that is safe to print, cut to 1000 characters; `undefined` when nothing is left. */
export function oneLineOf(text: string): string | undefined {
  const line = withoutControls(text.slice(0, 4 * MAX_WORDS_CHARACTERS))
    .replaceAll(/\s+/gu, " ")
    .trim();
  if (line === "") return undefined;
  if (line.length <= MAX_WORDS_CHARACTERS) return line;
  return `${line.slice(0, MAX_WORDS_CHARACTERS).toWellFormed()}...`;
}

/** A text without terminal sequences, control characters and marks that turn the direction of writing; lines stay. */
export function withoutControls(text: string): string {
  return stripVTControlCharacters(text).replaceAll(
    /(?![\t\n\r])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    "",
  );
}

/**
 * The words in a JSON value that reports a failure: in `error`, an object or a text, or in the value itself. Servers and
 * gateways (FastAPI, RFC 9457, AWS and others) name them as in `MESSAGE_MEMBERS`. `undefined`: there are none.
 */
export function wordsIn(value: unknown, depth = 0): ServerWords | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (typeof value === "string") return wordsOf({ message: value }, undefined);
  if (Array.isArray(value))
    return wordsIn(isJsonObject(value[0]) ? value[0] : undefined, depth + 1);
  if (!isJsonObject(value)) return undefined;
  const { error } = value;
  if (isJsonObject(error))
    return wordsOf(error, error["code"] ?? error["type"]) ?? wordsIn(error, depth + 1);
  if (typeof error === "string") return wordsOf({ message: error }, value["code"]);
  return wordsOf(value, value["code"]);
}

function wordsOf(object: JsonObject, codeValue: JsonValue | undefined): ServerWords | undefined {
  const name = MESSAGE_MEMBERS.find((member) => textOf(object[member]) !== undefined);
  const text = name === undefined ? undefined : textOf(object[name]);
  const codeText = typeof codeValue === "number" ? String(codeValue) : textOf(codeValue);
  const message = text === undefined ? undefined : oneLineOf(text);
  const code = codeText === undefined ? undefined : oneLineOf(codeText);
  return message === undefined && code === undefined ? undefined : { message, code };
}

/** A text, or the texts of a list of problems, as validators give them. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (!Array.isArray(value)) return undefined;
  const texts = (value as readonly JsonValue[]).slice(0, 10).flatMap((entry) => {
    const text = isJsonObject(entry) ? (entry["msg"] ?? entry["message"]) : entry;
    return typeof text === "string" ? [text] : [];
  });
  return texts.length === 0 ? undefined : texts.join("; ");
}

/** The words of a whole body: those of a JSON error, the text of an HTML page, or the beginning of what is there. */
export function wordsOfBody(body: string): ServerWords | undefined {
  const text = body.slice(0, MAX_BODY_CHARACTERS);
  const words = wordsIn(parsedJson(body)) ?? {
    message: oneLineOf(isHtml(text) ? textOfHtml(text) : text),
    code: undefined,
  };
  return words.message === undefined && words.code === undefined ? undefined : words;
}

/** `message (code)`, as far as they are known. */
export function wordsText({ message, code }: ServerWords): string {
  if (message === undefined) return code ?? "";
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function parsedJson(text: string): unknown {
  if (!/^\s*[{["]/u.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isHtml(text: string): boolean {
  return (
    /^\s*<(!doctype|html|head|body|\?xml)\b/iu.test(text) || /<\/(html|body|title)>/iu.test(text)
  );
}

/** The title of a page, which names the failure; the text of one without a title. */
function textOfHtml(text: string): string {
  const title = /<title[^>]*>([^<]*)</iu.exec(text)?.[1];
  if (title !== undefined && title.trim() !== "") return title;
  return text
    .replaceAll(/<(script|style)\b[^<>]*>[^]*?<\/\1\s*>/giu, " ")
    .replaceAll(/<[^<>]*>/gu, " ");
}
