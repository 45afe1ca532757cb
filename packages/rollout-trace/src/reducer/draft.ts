/** The same shape while it is being built. Public shapes are read-only, the reducer fills them in place. */
export type Draft<T> = T extends readonly (infer Element)[]
  ? Draft<Element>[]
  : T extends object
    ? { -readonly [Member in keyof T]: Draft<T[Member]> }
    : T;

/** Appends unless it is there already. */
export function addUnique<T>(list: T[], value: T): void {
  if (!list.includes(value)) list.push(value);
}
