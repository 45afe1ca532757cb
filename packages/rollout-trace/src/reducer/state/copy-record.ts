/** A deep copy of plain data. */
export function copyRecord<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyRecord) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, copyRecord(member)]),
  ) as T;
}
