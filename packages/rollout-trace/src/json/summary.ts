const SUMMARY_LIMIT_BYTES = 240;

/**
 * Cuts a text after 240 bytes of UTF-8 and marks the cut with `...`. A character that does not fit whole is left out;
 * schema 1's original crashes there, which is its one behaviour we do not keep.
 */
export function summarise(text: string): string {
  if (text.length * 3 <= SUMMARY_LIMIT_BYTES) return text;
  let bytes = 0;
  let index = 0;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    const isPair = unit >= 0xd800 && unit <= 0xdbff && index + 1 < text.length;
    bytes += isPair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    if (bytes > SUMMARY_LIMIT_BYTES) return `${text.slice(0, index)}...`;
    index += isPair ? 2 : 1;
  }
  return text;
}
