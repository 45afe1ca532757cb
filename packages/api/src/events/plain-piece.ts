import type { JsonObject } from "@codex-ts/protocol";

const TYPE = "response.output_text.delta";

const INTEGER = String.raw`(?:0|[1-9]\d{0,14})`;
const PLAIN_CHARACTER = String.raw`[^"\\\x00-\x1f]`;
/** V8 copies a part of a string that is this short; a longer one would keep alive all the bytes it came with. */
const PIECE = `"delta":"(?<delta>${PLAIN_CHARACTER}{0,12})"`;
const ITEM = `"item_id":"(?<itemId>${PLAIN_CHARACTER}{0,100})"`;
const OUTPUT_INDEX = `"output_index":(?<outputIndex>${INTEGER})`;
const CONTENT_INDEX = `"content_index":${INTEGER}`;
const SEQUENCE_NUMBER = `"sequence_number":${INTEGER}`;
const LOGPROBS = `(?:,"logprobs":\\[\\])?`;
const OBFUSCATION = `(?:,"obfuscation":"${PLAIN_CHARACTER}{0,100}")?`;

/** The orders in which servers write the members: as documented, and sorted by name. */
const FORMS = [
  `(?:,${SEQUENCE_NUMBER})?,${ITEM},${OUTPUT_INDEX},${CONTENT_INDEX},${PIECE}${LOGPROBS}${OBFUSCATION}(?:,${SEQUENCE_NUMBER})?`,
  `,${CONTENT_INDEX},${PIECE},${ITEM}${LOGPROBS}${OBFUSCATION},${OUTPUT_INDEX}(?:,${SEQUENCE_NUMBER})?`,
].map((members) => new RegExp(`^\\{"type":"${TYPE.replaceAll(".", "\\.")}"${members}\\}$`));

/**
 * Reads the commonest event of all, a piece of a message's text, where it is written without spaces, escapes and further
 * members. A long response has thousands of them, and this takes a fifth of the time of `JSON.parse`.
 *
 * @returns the members that are used; `undefined` for any other text, which `JSON.parse` has to judge.
 */
export function readPlainPiece(text: string): JsonObject | undefined {
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups === undefined) continue;
    const { delta = "", itemId = "", outputIndex } = groups;
    return { type: TYPE, delta, item_id: itemId, output_index: Number(outputIndex) };
  }
  return undefined;
}
