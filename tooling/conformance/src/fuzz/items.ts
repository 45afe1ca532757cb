import type { DraftBundle } from "./draft-bundle.ts";
import { isObject } from "./json-text.ts";
import type { Json } from "./json-text.ts";

/** The name an event gives a payload. */
export type DraftReference = { [member: string]: Json };

export function isReference(value: Json | undefined): value is DraftReference {
  if (!isObject(value) || !("raw_payload_id" in value)) return false;
  return typeof value["path"] === "string" || "kind" in value;
}

/** Every reference of the log, those of parts included. */
export function allReferences(bundle: DraftBundle): DraftReference[] {
  return bundle.events.flatMap(({ payload }) => referencesIn(payload));
}

function referencesIn(value: Json): DraftReference[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  const inner = Object.values(value).flatMap(referencesIn);
  return isReference(value) ? [value, ...inner] : inner;
}

const LISTS = ["input", "output_items", "input_history", "replacement_history"];

/** Every list of Responses items in the payloads of a bundle, in the order of the files. */
export function itemLists(bundle: DraftBundle): Json[][] {
  return bundle.payloadPaths.flatMap((path) => {
    const value = bundle.payload(path);
    if (!isObject(value)) return [];
    return LISTS.flatMap((name) => {
      const list = value[name];
      return Array.isArray(list) ? [list] : [];
    });
  });
}

export function itemsOf(bundle: DraftBundle): Json[] {
  return itemLists(bundle).flat();
}
