import type { JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";

/** Longest message that is kept: a server decides what it says, and people have to read it. */
const MAX_CHARACTERS = 500;

/**
 * What the body of a refusal says for people, on one line without control characters: the message of an error body in the
 * forms servers and gateways use, the title of a page, or the text itself. `undefined` when it says nothing.
 */
export function serverMessage(bodyText: string | undefined): string | undefined {
  if (bodyText === undefined) return undefined;
  const trimmed = bodyText.trim();
  const message = isMarkup(trimmed) ? titleOf(trimmed) : (jsonMessage(trimmed) ?? trimmed);
  return toServerMessage(message);
}

/** The same for a message that stands by itself. */
export function toServerMessage(message: string | undefined): string | undefined {
  // One cut before the work, since a body may have megabytes, and one after it.
  const line = message
    ?.slice(0, 8 * MAX_CHARACTERS)
    .replaceAll(CONTROL, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  if (line === undefined || line === "") return undefined;
  return line.length > MAX_CHARACTERS
    ? `${line.slice(0, MAX_CHARACTERS).toWellFormed()}…`
    : line.toWellFormed();
}

/** Escape sequences of terminals, and control characters other than white space. */
// eslint-disable-next-line no-control-regex
const CONTROL = /\u001b\[[0-?]*[ -/]*[@-~]|[^\P{Cc}\s]|[\u202a-\u202e\u2066-\u2069]/gu;

export function isMarkup(text: string): boolean {
  return /^<(?:!doctype|html|\?xml|head|body)/i.test(text.trimStart().slice(0, 20));
}

function titleOf(page: string): string | undefined {
  return /<title[^>]*>([^<]*)</i.exec(page)?.[1];
}

function jsonMessage(text: string): string | undefined {
  if (!/^[{["]/.test(text)) return undefined;
  try {
    // JSON that says nothing in words is better than no message.
    return messageIn(JSON.parse(text) as JsonValue, 0) ?? text;
  } catch {
    return undefined;
  }
}

/** Where messages stand: OpenAI's `error.message`, and the forms of FastAPI, RFC 9457, AWS and many gateways. */
const MEMBERS = [
  "error",
  "message",
  "Message",
  "detail",
  "error_description",
  "title",
  "msg",
  "errors",
  "reason",
];

function messageIn(value: JsonValue | undefined, depth: number): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (depth > 3) return undefined;
  if (Array.isArray(value)) return messageIn(value[0], depth + 1);
  if (!isJsonObject(value)) return undefined;
  for (const name of MEMBERS) {
    const message = Object.hasOwn(value, name) ? messageIn(value[name], depth + 1) : undefined;
    if (message !== undefined) return message;
  }
  return undefined;
}
