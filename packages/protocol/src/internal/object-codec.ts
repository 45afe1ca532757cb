import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";
import type { Codec } from "./codec.ts";
import { anyJson } from "./codec.ts";

/** Value of a member that is absent or `null`; the two are equal on input everywhere. */
type Absence =
  /** The object does not fit. */
  | "reject"
  /** Absent in memory, left out on output. */
  | "omit"
  /** `null` in memory, written as `null`. */
  | "null"
  /** Left in memory as received, written as `null`. */
  | "write-null"
  /** Read and kept, never written. */
  | "in-only"
  /** Replaced by a default, left out on output where `omits` says so. */
  | "default";

export interface Field<T> {
  readonly codec: Codec<unknown>;
  readonly absence: Absence;
  readonly fallback?: JsonValue;
  /** True for values that are left out on output, e.g. an empty list. */
  readonly omits?: ((value: unknown) => boolean) | undefined;
  /** Carries the type only. */
  readonly type?: T;
}

/** One field per member of `T`, in output order. The compiler checks that none is forgotten. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>>;
};

const field = (codec: unknown, absence: Absence): Field<never> => ({
  codec: codec as Codec<unknown>,
  absence,
});

export const required = <T>(codec: Codec<T>): Field<T> => field(codec, "reject");
export const optional = <T>(codec: Codec<T>): Field<T> => field(codec, "omit");
export const nullable = <T>(codec: Codec<T>): Field<T | null> => field(codec, "null");
export const writtenNull = <T>(codec: Codec<T>): Field<T | null> => field(codec, "write-null");
export const inOnly = <T>(codec: Codec<T>): Field<T> => field(codec, "in-only");
export function withDefault<T>(
  codec: Codec<T>,
  fallback: JsonValue & T,
  omits?: (value: T) => boolean,
): Field<T> {
  // Every object that lacks the member gets the same value.
  Object.freeze(fallback);
  return { ...field(codec, "default"), fallback, omits: omits as (value: unknown) => boolean };
}

/** A required member that may hold any JSON value may hold `null` too; elsewhere `null` means absent. */
const keepsNull = (codec: Codec<unknown>, absence: Absence): boolean =>
  codec === anyJson && absence === "reject";

type FieldList = readonly (readonly [name: string, field: Field<unknown>])[];

/** The received object with defaults applied and nulls of optional members taken out; itself when there are none. */
export function readFields(
  received: JsonObject,
  fields: FieldList,
): Record<string, unknown> | undefined {
  let copy: Record<string, unknown> | undefined;
  for (const [name, { codec, absence, fallback }] of fields) {
    const value = received[name];
    if (value === undefined || (value === null && !keepsNull(codec, absence))) {
      if (absence === "reject") return undefined;
      if (absence === "default") (copy ??= { ...received })[name] = fallback;
      else if (absence === "null") {
        if (value === undefined) (copy ??= { ...received })[name] = null;
      } else if (value === null && absence !== "write-null")
        delete (copy ??= { ...received })[name];
      continue;
    }
    const read = codec.read(value);
    if (read === undefined) return undefined;
    if (read === null && absence === "omit") delete (copy ??= { ...received })[name];
    else if (read !== value) (copy ??= { ...received })[name] = read;
  }
  return copy ?? received;
}

/** Adds the known members of `value` to `target` in wire order. */
export function writeFields(
  target: Record<string, JsonValue>,
  value: Readonly<Record<string, unknown>>,
  fields: FieldList,
): Record<string, JsonValue> {
  for (const [name, { codec, absence, omits }] of fields) {
    if (absence === "in-only") continue;
    const member = value[name];
    if (member !== undefined && member !== null) {
      if (omits?.(member) !== true) target[name] = codec.write(member);
    } else if (
      absence === "null" ||
      absence === "write-null" ||
      (member === null && keepsNull(codec, absence))
    ) {
      target[name] = null;
    }
  }
  return target;
}

export function objectOf<T>(
  fields: Fields<T>,
  { rejectUnknown = false }: { readonly rejectUnknown?: boolean } = {},
): Codec<T> {
  const list = Object.entries<Field<unknown>>(fields);
  return {
    read(value) {
      if (!isJsonObject(value)) return undefined;
      if (rejectUnknown && Object.keys(value).some((name) => !Object.hasOwn(fields, name)))
        return undefined;
      return readFields(value, list) as T | undefined;
    },
    write: (value) => writeFields({}, value as Record<string, unknown>, list),
  };
}

/** The same shape, where a member may also come under an older name. */
export function withAlias<T>(codec: Codec<T>, alias: string, name: string): Codec<T> {
  return {
    read(value) {
      if (!isJsonObject(value) || (value[alias] ?? null) === null) return codec.read(value);
      const { [alias]: old, ...rest } = value;
      return codec.read((rest[name] ?? null) === null ? { ...rest, [name]: old } : value);
    },
    write: (value) => codec.write(value),
  };
}
