/** Headers whose value is a credential. */
const SECRET_HEADER_NAMES: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
]);

/** Last words of names of credentials: `api-key`, `accessToken`, `x_sig`. */
const SECRET_WORD =
  /(^|-)(key|token|secret|password|passwd|pwd|pass|passphrase|credentials?|signature|sig|jwt|auth|authorization|bearer|code|sid|pin)$/;

/** The same where they are part of one word: `apikey`, `accesstoken`. */
const SECRET_ENDING =
  /(apikey|accesskey|subscriptionkey|secretkey|authkey|token|secret|password|credentials?|signature)$/;

/** True for names of headers, parameters and variables that say that the value is a credential. */
export function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");
  return SECRET_HEADER_NAMES.has(words) || SECRET_WORD.test(words) || SECRET_ENDING.test(words);
}

/**
 * Values that are settings wherever they stand, so that a host, a version or a word that a server repeats stays legible:
 * words of at most 15 letters in all, dates, versions, media types, regions, addresses of this machine.
 */
const PLAIN_VALUES: readonly RegExp[] = [
  /^(?=.{0,15}$)[a-z]+(?:[-_. ][a-z]+)*$/i,
  /^\d{4}-\d{2}-\d{2}(?:-[a-z]{1,12})?$/i,
  /^v?\d{1,5}(?:\.\d{1,5}){1,3}(?:-(?:alpha|beta|rc|preview)(?:\.\d{1,4})?)?$/i,
  /^[a-z]+\/[a-z.+-]+(?:; ?charset=[a-z0-9-]+)?$/i,
  /^[a-z]{2,4}(?:-[a-z]+){1,2}-?\d{1,2}$/i,
  /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i,
];

/** True for a value that no credential looks like. Asked only where the name does not say that it is one. */
export function isPlainValue(value: string): boolean {
  return PLAIN_VALUES.some((pattern) => pattern.test(value));
}
