const SUMMARY_LIMIT_BYTES = 240;

/**
 * Cuts a text after 240 bytes of UTF-8 and marks the cut with `...`. A character that does not fit whole is left out;
 * Codex 0.140 crashes there, which is its one behavior we do not keep.
 */
export function summarize(text: string): string {
  if (text.length * 3 <= SUMMARY_LIMIT_BYTES) return text;
  // Takes whole characters as long as there is room.
  const { read } = ENCODER.encodeInto(text, SCRATCH);
  return read === text.length ? text : `${text.slice(0, read)}...`;
}

const ENCODER = new TextEncoder();
const SCRATCH = new Uint8Array(SUMMARY_LIMIT_BYTES);
