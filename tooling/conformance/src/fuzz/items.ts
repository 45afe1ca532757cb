import type { DraftBundle } from "./draft-bundle.ts";
import { isObject } from "./json-text.ts";
import type { Json } from "./json-text.ts";

/** The name an event gives a payload file. */
export type DraftReference = { [member: string]: Json } & { path: string };

export function isReference(value: Json | undefined): value is DraftReference {
  return isObject(value) && typeof value["path"] === "string" && "raw_payload_id" in value;
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
