import type { SecretSet } from "@codex-ts/api/internal";

const REDACTED = "[redacted]";
const MAX_SHOWN_CHARACTERS = 200;

/** Forms of credentials: bearer values, JWTs, API keys, personal access tokens. */
const CREDENTIAL_SHAPES: readonly RegExp[] = [
  /\bbearer\s+\S+/giu,
  /\bey[\w-]+\.[\w-]+\.[\w-]*/gu,
  /\b(?:sk|at)-[\w-]{4,}/gu,
];

/**
 * Words of a server or a program, fit for an error message: one line of at most 200 characters, without the given secrets
 * (some repeat what they refuse) and without anything that looks like a credential.
 */
export function scrubForeignText(text: string, secrets: SecretSet): string {
  let result = secrets.scrub(text);
  for (const shape of CREDENTIAL_SHAPES) result = result.replaceAll(shape, REDACTED);
  return result.trim().replaceAll(/\s+/g, " ").slice(0, MAX_SHOWN_CHARACTERS);
}
