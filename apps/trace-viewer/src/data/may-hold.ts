/** Characters that JSON may write in more than one way, or with white space around them. */
const BETWEEN_WORDS = /[^\w.-]+/;
/** A printable character as an escape, which nobody has to write so. */
const NEEDLESS_ESCAPE = /\\u00[2-7]/i;

/**
 * Whether JSON, as it stands, may hold a text that is searched for in any case of its letters. Most of it does not, and
 * need not be parsed: reading it takes escapes away and adds white space, so a word that is read was there before.
 */
export function mayHold(query: string): (json: string) => boolean {
  const words = query.split(BETWEEN_WORDS).filter((word) => word !== "");
  const patterns = words.map((word) => new RegExp(literal(word), "i"));
  return (json) =>
    patterns.every((pattern) => pattern.test(json)) ||
    (patterns.length > 0 && NEEDLESS_ESCAPE.test(json));
}

/** A text as the regular expression that finds it. */
export function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
