const HIDDEN = Symbol.for("nodejs.util.inspect.custom");

/**
 * The same table, but printing it (`util.inspect`, JSON) shows its names only: headers and query parameters of a
 * configuration often hold keys. Reading, listing and spreading work as ever.
 */
export function withHiddenValues(
  table: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const copy = Object.fromEntries(Object.entries(table));
  const printed = Object.fromEntries(Object.keys(table).map((name) => [name, "<redacted>"]));
  Object.defineProperty(copy, HIDDEN, { value: () => printed });
  Object.defineProperty(copy, "toJSON", { value: () => printed });
  return copy;
}
