import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";
import type { Codec } from "./codec.ts";
import type { Field, Fields } from "./object-codec.ts";
import { readFields, writeFields } from "./object-codec.ts";

interface Tagged {
  readonly type: string;
}

/** One table of fields per variant. */
export type Variants<T extends Tagged> = {
  readonly [K in T["type"]]: Fields<Omit<Extract<T, { readonly type: K }>, "type">>;
};

export interface TaggedOptions<U> {
  /** Further accepted tags and the tag they stand for. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Makes the value for an unknown tag; without it the value does not fit. */
  readonly unknown?: (received: JsonObject) => U;
  /** Written form of such a value; without it only its tag is written. */
  readonly writeUnknown?: (value: U) => JsonValue;
}

/** A union told apart by its member `type`, which is written first. */
export function taggedUnion<T extends Tagged, U extends Tagged = never>(
  variants: Variants<T>,
  options: TaggedOptions<U> = {},
): Codec<T | U> {
  const tables = new Map(
    Object.entries(variants).map(([type, fields]) => [
      type,
      Object.entries(fields as Record<string, Field<unknown>>),
    ]),
  );
  const aliases = new Map(Object.entries(options.aliases ?? {}));
  return {
    read(value) {
      if (!isJsonObject(value) || typeof value["type"] !== "string") return undefined;
      const type = aliases.get(value["type"]) ?? value["type"];
      const fields = tables.get(type);
      if (fields === undefined) return options.unknown?.(value);
      const renamed = type === value["type"] ? value : { ...value, type };
      return readFields(renamed, fields) as unknown as T | undefined;
    },
    write(value) {
      const fields = tables.get(value.type);
      if (fields === undefined && options.writeUnknown) return options.writeUnknown(value as U);
      const members = value as unknown as Readonly<Record<string, unknown>>;
      return writeFields({ type: value.type }, members, fields ?? []);
    },
  };
}

/** A codec of any type. */
interface PayloadCodec {
  read(value: unknown): unknown;
  write(value: never): JsonValue;
}

/**
 * A union of bare strings and one-key objects `{variant: payload}`.
 *
 * `unknownText` turns a bare string that is no variant into a value; without it such a string does not fit.
 */
export function externalUnion<T>(
  names: Codec<string>,
  payloads: Readonly<Record<string, PayloadCodec>>,
  unknownText?: (value: string) => T,
): Codec<T> {
  const codecs = new Map<string, Codec<unknown>>(
    Object.entries(payloads as Record<string, Codec<unknown>>),
  );
  return {
    read(value) {
      if (typeof value === "string") {
        return (names.read(value) as T | undefined) ?? unknownText?.(value);
      }
      if (!isJsonObject(value)) return undefined;
      const [variant, ...others] = Object.keys(value);
      if (variant === undefined || others.length > 0) return undefined;
      const received = value[variant];
      const payload = codecs.get(variant)?.read(received);
      if (payload === undefined) return undefined;
      return (payload === received ? value : { [variant]: payload }) as T;
    },
    write(value) {
      if (typeof value === "string") return value;
      const [variant, payload] = Object.entries(value as Record<string, JsonValue>)[0] ?? [];
      if (variant === undefined) return null;
      return { [variant]: codecs.get(variant)?.write(payload) ?? null };
    },
  };
}
