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
  const text = Buffer.from(JSON.stringify(item));
  if (texts.has(item)) texts.set(item, text);
  return text;
}
