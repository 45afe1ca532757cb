import type { RedactedHeaders } from "@codex-ts/protocol";

const REDACTED = "[redacted]";

const SECRET_HEADER_NAMES = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
]);
const SECRET_NAME_PATTERN =
  /(^|[-_])(api-?key|key|token|secret|password|credentials?|signature|sig|jwt|auth|code)$/i;

/** True for headers whose value is a credential by their name. */
export function isSecretHeaderName(name: string): boolean {
  return SECRET_HEADER_NAMES.has(name) || SECRET_NAME_PATTERN.test(name);
}

/** Headers fit for logs, traces and errors. `secretNames` adds names that are secret in this request only. */
export function redactHeaders(
  headers: Iterable<readonly [string, string]>,
  secretNames?: ReadonlySet<string>,
): RedactedHeaders {
  return Array.from(headers, ([name, value]) =>
    isSecretHeaderName(name) || secretNames?.has(name) ? [name, REDACTED] : [name, value],
  );
}

/** A URL fit for logs, traces and errors: no user info, no fragment, secret query values replaced. */
export function redactUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return "[not a URL]";
  url.username = "";
  url.password = "";
  url.hash = "";
  for (const name of new Set(url.searchParams.keys())) {
    // Rewriting a parameter re-encodes the whole query, so it is done only where it must be.
    if (SECRET_NAME_PATTERN.test(name)) url.searchParams.set(name, REDACTED);
  }
  return url.href;
}

/** Removes the given secrets from a text that a server sent, because some servers repeat the key they refuse. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    // Short values would blank innocent text.
    if (secret.length >= 8) result = result.replaceAll(secret, REDACTED);
  }
  return result;
}

/** The values of secret headers, and what follows an auth scheme in them; those before the ones they contain. */
export function secretValues(
  headers: Iterable<readonly [string, string]>,
  secretNames: ReadonlySet<string>,
): string[] {
  const values: string[] = [];
  for (const [name, value] of headers) {
    if (!isSecretHeaderName(name) && !secretNames.has(name)) continue;
    // Servers read them without the spaces around.
    values.push(value.trim(), value.slice(value.indexOf(" ") + 1).trim());
  }
  return values.toSorted((left, right) => right.length - left.length);
}
