const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Longest text of an error shown to a person, in UTF-8 bytes. */
const MAX_ERROR_TEXT_BYTES = 2048;

const isContinuation = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0xc0) === 0x80;

/** The longest beginning of `text` of at most `limitBytes` UTF-8 bytes that ends between two characters. */
export function utf8Prefix(text: string, limitBytes: number): string {
  const bytes = encoder.encode(text);
  if (bytes.length <= limitBytes) return text;
  let end = limitBytes;
  while (end > 0 && isContinuation(bytes[end])) end -= 1;
  return decoder.decode(bytes.subarray(0, end));
}

/** The longest end of `text` of at most `limitBytes` UTF-8 bytes that begins between two characters. */
function utf8Suffix(text: string, limitBytes: number): string {
  const bytes = encoder.encode(text);
  let start = Math.max(0, bytes.length - limitBytes);
  while (isContinuation(bytes[start])) start += 1;
  return decoder.decode(bytes.subarray(start));
}

/**
 * Cuts the middle out of a text that is longer than `limitBytes` UTF-8 bytes (default 2048) for display; the mark `…`
 * stands where something is missing.
 */
export function shortenErrorText(text: string, limitBytes: number = MAX_ERROR_TEXT_BYTES): string {
  if (encoder.encode(text).length <= limitBytes) return text;
  const mark = "…";
  const keptBytes = Math.max(0, limitBytes - encoder.encode(mark).length);
  const headBytes = Math.floor(keptBytes / 2);
  return `${utf8Prefix(text, headBytes)}${mark}${utf8Suffix(text, keptBytes - headBytes)}`;
}
