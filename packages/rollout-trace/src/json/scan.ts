const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

// These functions find their way through JSON text without checking it: callers have checked, or check afterwards, that
// the text is JSON. They return -1 where they lose their way.

/** The first offset at or after `at` that is not white space. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let index = at;
  for (;;) {
    const byte = bytes[index];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return index;
    index += 1;
  }
}

/** After so many bytes of a string without its end the next quote is searched natively, which pays where there are few. */
const STRETCH_BYTES = 256;

/** The offset after the string that starts at `at`. */
function endOfString(bytes: Uint8Array, at: number): number {
  let index = at + 1;
  for (;;) {
    const stretchEnd = Math.min(index + STRETCH_BYTES, bytes.length);
    while (index < stretchEnd) {
      const byte = bytes[index];
      if (byte === QUOTE) return index + 1;
      index += byte === BACKSLASH ? 2 : 1;
    }
    const quote = bytes.indexOf(QUOTE, index);
    if (quote === -1) return -1;
    let before = quote - 1;
    while (bytes[before] === BACKSLASH) before -= 1;
    const backslashes = quote - 1 - before;
    if (backslashes % 2 === 0) return quote + 1;
    index = quote + 1;
  }
}

/** The offset after the object or list that starts at `at`. */
function endOfNested(bytes: Uint8Array, at: number): number {
  let depth = 0;
  let index = at;
  while (index < bytes.length) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      index = endOfString(bytes, index);
      if (index === -1) return -1;
      continue;
    }
    index += 1;
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

/** The offset after the value that starts at `at`. */
function endOfValue(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === QUOTE) return endOfString(bytes, at);
  if (byte === OPEN_OBJECT || byte === OPEN_LIST) return endOfNested(bytes, at);
  for (let index = at; index < bytes.length; index += 1) {
    const next = bytes[index];
    if (next === COMMA || next === CLOSE_OBJECT || next === CLOSE_LIST) return index;
  }
  return -1;
}

/**
 * The offset after the `[` of the list that the object at `start`, by default the outermost, has under `key`; -1 when its
 * first member of that name is no list.
 */
export function startOfList(bytes: Uint8Array, key: Uint8Array, start = 0): number {
  let at = skipSpace(bytes, start);
  if (bytes[at] !== OPEN_OBJECT) return -1;
  for (;;) {
    at = skipSpace(bytes, at + 1);
    if (bytes[at] !== QUOTE) return -1;
    const keyEnd = endOfString(bytes, at);
    if (keyEnd === -1) return -1;
    const isKey = hasBytes(bytes, at + 1, keyEnd - 1, key);
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== COLON) return -1;
    at = skipSpace(bytes, at + 1);
    if (isKey) return bytes[at] === OPEN_LIST ? at + 1 : -1;
    at = endOfValue(bytes, at);
    if (at === -1) return -1;
    at = skipSpace(bytes, at);
    if (bytes[at] !== COMMA) return -1;
  }
}

function hasBytes(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (end - start !== expected.length) return false;
  return expected.every((byte, index) => bytes[start + index] === byte);
}

/**
 * Members of an object from `at` on, which is after a member: appends the offset of the name of each to `starts`.
 * Returns whether it found its way to the `}`.
 */
export function scanMembers(bytes: Uint8Array, at: number, starts: number[]): boolean {
  let index = at;
  for (;;) {
    index = skipSpace(bytes, index);
    if (bytes[index] === CLOSE_OBJECT) return true;
    if (bytes[index] !== COMMA) return false;
    index = skipSpace(bytes, index + 1);
    if (bytes[index] !== QUOTE) return false;
    starts.push(index);
    index = endOfMember(bytes, index);
    if (index === -1) return false;
  }
}

/** The offset after the member whose name starts at `at`. */
export function endOfMember(bytes: Uint8Array, at: number): number {
  const nameEnd = endOfString(bytes, at);
  if (nameEnd === -1) return -1;
  const colon = skipSpace(bytes, nameEnd);
  return bytes[colon] === COLON ? endOfValue(bytes, skipSpace(bytes, colon + 1)) : -1;
}

/**
 * The elements of a list from `at` on, which is after its `[` or after an element: appends the end of each to `ends`
 * and returns the offset of the `]`. -1 when an element is no object: only objects end where they seem to.
 */
export function scanElements(
  bytes: Uint8Array,
  at: number,
  isFirst: boolean,
  ends: number[],
): number {
  let index = skipSpace(bytes, at);
  if (bytes[index] === CLOSE_LIST) return index;
  if (!isFirst) {
    if (bytes[index] !== COMMA) return -1;
    index = skipSpace(bytes, index + 1);
  }
  for (;;) {
    if (bytes[index] !== OPEN_OBJECT) return -1;
    const end = endOfNested(bytes, index);
    if (end === -1) return -1;
    ends.push(end);
    index = skipSpace(bytes, end);
    if (bytes[index] === CLOSE_LIST) return index;
    if (bytes[index] !== COMMA) return -1;
    index = skipSpace(bytes, index + 1);
  }
}
