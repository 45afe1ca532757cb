import type { RedactedHeaders } from "@codex-ts/protocol";
import { isPathSecret, isQuerySecret } from "../secrets/request-secrets.ts";
import { isSecretName } from "../secrets/secret-names.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import { REDACTED } from "../secrets/secret-set.ts";

/** Decides which values of headers are shown. */
export interface HeaderRedaction {
  readonly secrets: SecretSet;
  /** Names that are secret in this request only. */
  readonly secretNames?: ReadonlySet<string> | undefined;
}

/** Headers fit for logs, traces and errors: values of secret names replaced, and credentials in all others. */
export function redactHeaders(
  headers: Iterable<readonly [string, string]>,
  { secrets, secretNames }: HeaderRedaction,
): RedactedHeaders {
  const shown = Array.from(headers, ([name, value]): readonly [string, string] => {
    if (isSecretHeader(name) || secretNames?.has(name)) return [name, REDACTED];
    return [name, name === "location" ? shownLocation(value) : value];
  });
  // Nearly always none of them holds a credential, which one look at all of them tells.
  const all = shown.map((header) => header.join(SEPARATOR)).join(SEPARATOR);
  if (secrets.scrub(all) === all) return shown;
  return shown.map(([name, value]) => [secrets.scrub(name), secrets.scrub(value)]);
}

/** Ends what is read as an escape, a run of Base64 or a tag, so that no text hides something in the next. */
const SEPARATOR = "\n<\n";

/** Names of headers that were asked for: the same few come with every request, and to look at a name costs some searches. */
const SECRET_HEADERS = new Map<string, boolean>();
/** Servers send what they like. */
const MAX_REMEMBERED = 256;
const MAX_REMEMBERED_CHARACTERS = 64;

function isSecretHeader(name: string): boolean {
  const known = SECRET_HEADERS.get(name);
  if (known !== undefined) return known;
  const isSecret = isSecretName(name);
  if (SECRET_HEADERS.size < MAX_REMEMBERED && name.length <= MAX_REMEMBERED_CHARACTERS)
    SECRET_HEADERS.set(name, isSecret);
  return isSecret;
}

/** A URL fit for logs, traces and errors: no user info, no fragment, and no query value that may be a credential. */
export function redactUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? "[not a URL]" : shownUrl(url);
}

/** A `location` may be relative to the URL of its request. */
function shownLocation(text: string): string {
  if (URL.canParse(text)) return redactUrl(text);
  const base = "http://localhost";
  const url = URL.parse(text, base);
  if (url === null) return "[not a URL]";
  return url.origin === base ? shownUrl(url).slice(base.length) : shownUrl(url);
}

function shownUrl(url: URL): string {
  url.username = "";
  url.password = "";
  url.hash = "";
  for (const [name, value] of Array.from(url.searchParams)) {
    if (!isQuerySecret(name, value)) continue;
    // Rewriting a parameter re-encodes the whole query, so it is done only where it must be.
    if (value !== "") url.searchParams.set(name, REDACTED);
    else {
      url.searchParams.delete(name);
      url.searchParams.append(REDACTED, "");
    }
  }
  const segments = url.pathname.split("/");
  if (segments.some(isPathSecret)) {
    url.pathname = segments
      .map((segment) => (isPathSecret(segment) ? REDACTED : segment))
      .join("/");
  }
  return url.href;
}
