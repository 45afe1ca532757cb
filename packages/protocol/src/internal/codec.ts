import type { JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";

/**
 * A shape that can be read tolerantly and written exactly.
 *
 * `read` returns the received value itself wherever nothing had to change, so that unknown members survive in memory
 * and nothing is copied; `undefined` means the value does not fit. `write` returns known members only, in wire order.
 * All shapes of this package are built from the few combinators below.
 */
export interface Codec<T> {
  read(value: unknown): T | undefined;
  write(value: T): JsonValue;
}

const identity = (value: unknown): JsonValue => value as JsonValue;

function scalar<T>(fits: (value: unknown) => boolean): Codec<T> {
  return { read: (value) => (fits(value) ? (value as T) : undefined), write: identity };
}

export const text: Codec<string> = scalar((value) => typeof value === "string");
export const boolean: Codec<boolean> = scalar((value) => typeof value === "boolean");
export const number: Codec<number> = scalar(Number.isFinite);
export const integer: Codec<number> = scalar(Number.isInteger);
/** Any JSON value, `null` included when the member is required. */
export const anyJson: Codec<JsonValue> = scalar((value) => value !== undefined);

/** One of the given strings; `aliases` maps further accepted spellings to them. */
export function oneOf<const T extends string>(
  values: readonly T[],
  aliases?: Readonly<Record<string, T>>,
): Codec<T> {
  const spellings = new Map<unknown, T>(values.map((value) => [value, value]));
  for (const [alias, value] of Object.entries(aliases ?? {})) spellings.set(alias, value);
  return { read: (value) => spellings.get(value), write: identity };
}

export function listOf<T>(part: Codec<T>): Codec<readonly T[]> {
  return {
    read(value) {
      if (!Array.isArray(value)) return undefined;
      let copy: T[] | undefined;
      for (const [index, received] of value.entries()) {
        const read = part.read(received);
        if (read === undefined) return undefined;
        if (read !== received) {
          copy ??= [...value] as T[];
          copy[index] = read;
        }
      }
      return copy ?? (value as T[]);
    },
    write: (value) => value.map((entry) => part.write(entry)),
  };
}

/** A JSON object used as a map. */
export function mapOf<T>(part: Codec<T>): Codec<Readonly<Record<string, T>>> {
  return {
    read(value) {
      if (!isJsonObject(value)) return undefined;
      let changed = false;
      const entries: [string, T][] = [];
      for (const [key, received] of Object.entries(value)) {
        const read = part.read(received);
        if (read === undefined) return undefined;
        changed ||= read !== received;
        entries.push([key, read]);
      }
      // Object.fromEntries defines own members, so that a key named __proto__ stays a key.
      return changed ? Object.fromEntries(entries) : (value as Readonly<Record<string, T>>);
    },
    write: (value) =>
      Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, part.write(entry)])),
  };
}

/** The first shape that fits; `pick` finds the one to write with. */
export function either<A, B>(
  first: Codec<A>,
  second: Codec<B>,
  isFirst: (value: A | B) => boolean,
): Codec<A | B> {
  return {
    read: (value) => first.read(value) ?? second.read(value),
    write: (value) => (isFirst(value) ? first.write(value as A) : second.write(value as B)),
  };
}

/** A payload that may be `null`, for places that are no members of an object. */
export function orNull<T>(codec: Codec<T>): Codec<T | null> {
  return {
    read: (value) => (value === null ? null : codec.read(value)),
    write: (value) => (value === null ? null : codec.write(value)),
  };
}

/** For optional and nullable members: a value that does not fit counts as absent instead of costing the object. */
export function unknownAsAbsent<T>(codec: Codec<T>): Codec<T> {
  return { ...codec, read: (value) => codec.read(value) ?? (null as T) };
}

/** An open set of names: the known ones are for documentation and completion, any text fits. */
export function openText<T extends string>(): Codec<T> {
  return text as unknown as Codec<T>;
}
