const texts = new WeakMap<object, Uint8Array | undefined>();

/**
 * Promises that an item of a request is never changed, so that its JSON text is made once however often it is sent. A
 * long conversation consists of little else.
 */
export function keepItemText(item: object): void {
  if (!texts.has(item)) texts.set(item, undefined);
}

/** JSON of an item, in UTF-8. */
export function itemText(item: object): Uint8Array {
  const known = texts.get(item);
  if (known !== undefined) return known;
  const text = ownBytes(JSON.stringify(item));
  if (texts.has(item)) texts.set(item, text);
  return text;
}

/** The bytes of a text, outside of the pool of Node: a few that live long would keep 64 KiB of it. */
function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
