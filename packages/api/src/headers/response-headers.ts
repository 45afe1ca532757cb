/** Response headers, names in lower case; a repeated header is a list. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * First value of a header, without the blanks around it, which belong to no value; `undefined` when it is missing or
 * not visible ASCII, as Codex reads them.
 */
export function headerText(headers: ResponseHeaders, name: string): string | undefined {
  const [first] = headerValues(headers, name);
  if (first === undefined || !/^[\t\x20-\x7e]*$/.test(first)) return undefined;
  return first.trim();
}

/** Every value of a header, as sent. */
export function headerValues(headers: ResponseHeaders, name: string): readonly string[] {
  return [headers[name] ?? []].flat();
}

/** All pairs, repeated headers one by one. */
export function* headerPairs(headers: ResponseHeaders): Generator<readonly [string, string]> {
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string") yield [name, value];
    else for (const one of value ?? []) yield [name, one];
  }
}
