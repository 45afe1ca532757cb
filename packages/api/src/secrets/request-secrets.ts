import type { ResponseHeaders } from "../headers/response-headers.ts";
import { headerValues } from "../headers/response-headers.ts";
import { percentDecoded } from "../internal/percent-decoded.ts";
import { isPlainValue, isSecretName } from "./secret-names.ts";
import { MIN_SECRET_CHARACTERS } from "./encoded-forms.ts";

/** Headers of a provider that hold settings: only what is no setting in them counts, and only as a whole. */
const SETTING_HEADERS: ReadonlySet<string> = new Set([
  "version",
  "originator",
  "user-agent",
  "accept",
  "content-type",
  "openai-beta",
]);

/** True for headers of a provider that are shown as they are. All others may come from the environment. */
export function isSettingHeader(name: string): boolean {
  return SETTING_HEADERS.has(name.toLowerCase());
}

/**
 * The credentials in the headers of a request: those with a secret name, and those of `secretNames`, which the provider
 * was configured with or the auth layer added. Each as a whole, without its scheme, decoded, and its parts.
 */
export function* headerSecrets(
  headers: Iterable<readonly [string, string]>,
  secretNames: ReadonlySet<string>,
): Generator<string> {
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key === "cookie" || key === "set-cookie") yield* cookieSecrets(key, value);
    else if (isSecretName(key)) yield* credentialsIn(value);
    else if (secretNames.has(key) && !isPlainValue(value.trim())) yield* credentialsIn(value);
  }
}

/** Values of the settings among the headers a provider was configured with. */
export function* settingHeaderSecrets(
  headers: Iterable<readonly [string, string]>,
): Generator<string> {
  for (const [name, value] of headers) {
    if (isSettingHeader(name) && !SETTING_PATTERN.test(value)) yield value;
  }
}

/** Settings of real programs look like this: media types, features with dates, program names with versions. */
const SETTING_PATTERN = /^[a-z_-]+$|^[\w-]+\/[\d.]+|^[\d.]+$|[a-z]\/[a-z*]|\*\/\*|^[a-z_,\s-]+=/i;

/** A credential with a scheme or without. */
function* credentialsIn(value: string): Generator<string> {
  const trimmed = value.trim();
  const [, scheme, rest] = /^([A-Za-z][\w-]*)\s+(\S.*)$/s.exec(trimmed) ?? [];
  if (scheme === undefined || rest === undefined) {
    yield trimmed;
    yield* partsOf(trimmed);
  } else if (scheme.toLowerCase() === "basic") {
    yield rest;
    yield* userInfoSecrets(Buffer.from(rest, "base64").toString("utf8"));
  } else if (scheme.startsWith("AWS4-")) {
    // The rest names a date, a region and headers.
    yield* [...rest.matchAll(/(?:Credential|Signature)=([^\s,/]+)/gi)].map(([, part = ""]) => part);
  } else {
    yield rest;
    yield* partsOf(rest);
    yield* signedParts(rest);
  }
}

/** `user:password`; a user that is a plain word is no secret. */
function* userInfoSecrets(text: string): Generator<string> {
  const colon = text.indexOf(":");
  const user = colon < 0 ? text : text.slice(0, colon);
  if (!isPlainValue(user)) yield* tokenSecrets(user);
  if (colon >= 0) yield* tokenSecrets(text.slice(colon + 1));
}

/** The cookies that a response sets. */
export function* setCookieSecrets(headers: ResponseHeaders): Generator<string> {
  for (const value of headerValues(headers, "set-cookie"))
    yield* cookieSecrets("set-cookie", value);
}

function* cookieSecrets(name: "cookie" | "set-cookie", value: string): Generator<string> {
  const pairs = name === "cookie" ? value.split(";") : value.split(";", 1);
  for (const pair of pairs) {
    const cookie = pair.slice(pair.indexOf("=") + 1).trim();
    if (!isPlainValue(cookie)) yield* tokenSecrets(cookie);
  }
}

/** A credential without a scheme: as a whole, decoded, and its parts. */
export function* tokenSecrets(value: string): Generator<string> {
  yield value;
  yield* partsOf(value);
}

/** A credential decoded, and parts of one with a structure: lists, `name=value` pairs, the three of a JWT. */
function* partsOf(value: string): Generator<string> {
  for (const text of new Set([value, percentDecoded(value)])) {
    if (text !== value) yield text;
    const parts = text.split(/[\s,;:|&"'()[\]{}]+/).flatMap((part) => [
      part,
      // Only what stands behind a name; padding is none.
      ...(/^[\w-]+=[^=]/.test(part) ? [part.slice(part.indexOf("=") + 1)] : []),
    ]);
    for (const part of parts) {
      if (part.length >= MIN_SECRET_CHARACTERS && !isPlainValue(part)) yield part;
    }
    // Other signs, as in `id.secret`, also stand between the words of a setting.
    yield* text.split(/[^\w-]+/).filter(isLikeKey);
  }
}

function isLikeKey(part: string): boolean {
  return /^(?=.*\d)(?=.*[a-z])[\w-]{16,}$/i.test(part);
}

/** Texts of the JSON that a scheme sends in base64, such as the signature of an agent's assertion. */
function* signedParts(value: string): Generator<string> {
  if (!value.startsWith("ey") || value.includes(".")) return;
  try {
    const members: unknown = JSON.parse(Buffer.from(value, "base64").toString("utf8"));
    for (const member of Object.values(members as object) as unknown[]) {
      if (typeof member === "string" && !isPlainValue(member)) yield member;
    }
  } catch {
    // Something else that begins so.
  }
}

/** The credentials in a URL: user and password, query values of any name, parts of the path that are plainly keys. */
export function* urlSecrets(text: string): Generator<string> {
  const url = URL.parse(text);
  if (url === null) return;
  yield* userInfoOf(url);
  for (const pair of url.search.slice(1).split("&")) yield* queryPairSecrets(pair);
  for (const segment of url.pathname.split("/")) {
    if (isPathSecret(segment)) yield* tokenSecrets(segment);
  }
}

/** Decoded and as it is. */
function* queryPairSecrets(pair: string): Generator<string> {
  const [name, value] = [...new URLSearchParams(pair)][0] ?? ["", ""];
  if (!isQuerySecret(name, value)) return;
  // A parameter without a value may be one by itself.
  yield* tokenSecrets(value === "" ? name : value);
  yield pair.slice(pair.indexOf("=") + 1);
}

/** Whether a query parameter is kept out of sight. */
export function isQuerySecret(name: string, value: string): boolean {
  const shown = value === "" ? name : value;
  if (isSecretName(name)) return value !== "";
  return shown.length >= MIN_SECRET_CHARACTERS && !isPlainValue(shown);
}

/** Some gateways take their key in the path. Names of deployments and models are not mixed like this. */
export function isPathSecret(segment: string): boolean {
  return [segment, percentDecoded(segment)].some((text) =>
    // Behind `;`, a segment has parameters.
    text.split(/[;=]/).some((part) => PATH_SECRETS.some((pattern) => pattern.test(part))),
  );
}

const PATH_SECRETS: readonly RegExp[] = [
  /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{20,}$/,
  /^(?:sk|pk|key|tok)[-_][\w-]{12,}$/,
  /^[0-9a-f]{32,}$/i,
  // A JWT.
  /^ey[\w-]+\.[\w-]+\.[\w-]+$/,
];

/** User and password of a URL, as they are and encoded, and what `Basic` makes of them. */
export function* userInfoOf({ username, password }: URL): Generator<string> {
  if (username === "" && password === "") return;
  const user = percentDecoded(username);
  const word = percentDecoded(password);
  if (!isPlainValue(user)) {
    yield* tokenSecrets(user);
    yield username;
  }
  yield* tokenSecrets(word);
  yield password;
  yield Buffer.from(`${user}:${word}`).toString("base64");
}
