import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { JsonNode } from "../../json/node.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";
import { ItemError } from "./normalized-item.ts";
import type { LoadedPayload } from "../loaded-payload.ts";
import { lostPartOf } from "./lost-part.ts";
import { normalizeItem, opaqueItem } from "./normalize-item.ts";
import type { NormalizedItem, SourceItem } from "./normalized-item.ts";

/** Normalizes one item; tolerant reading keeps what it can not understand as an opaque item. */
export function readItem(context: ReducerContext, source: SourceItem): NormalizedItem | undefined {
  try {
    return normalizeItem(source, context.rules.items);
  } catch (error) {
    if (!(error instanceof ItemError)) throw error;
    const type = isJsonObject(source.value) ? source.value["type"] : undefined;
    const label = typeof type === "string" ? quote(type) : "no type";
    context.problem(
      error.isUnknownType ? "item_type_unknown" : "item_invalid",
      `${error.message} (${label} in ${quote(source.payloadId)})`,
      { payloadId: source.payloadId, objectId: `${label} ${itemName(source.value)}` },
    );
    return opaqueItem(source, context.rules.items);
  }
}

/** Something that stays the same when a later request repeats the item. */
function itemName(value: JsonValue): string {
  const id = isJsonObject(value) ? (value["id"] ?? value["call_id"]) : undefined;
  return typeof id === "string" ? id : "";
}

/**
 * Normalizes a whole list of a payload; `undefined` after reporting that it is none. The position of each item in the
 * list is added to `positions`, where they are wanted.
 */
export function readItems(
  context: ReducerContext,
  payload: LoadedPayload,
  member: string,
  positions?: number[],
): readonly NormalizedItem[] | undefined {
  const value = payload.json();
  if (value === undefined) return undefined;
  const list = isJsonObject(value) ? value[member] : undefined;
  if (!Array.isArray(list)) {
    payload.misshapen(`has no list ${member}`);
    return undefined;
  }
  const payloadId = payload.reference.raw_payload_id;
  let exactList: JsonNode | undefined;
  const exactElement = (index: number): JsonNode => {
    exactList ??= memberOf(payload.exact(), member);
    return Array.isArray(exactList) ? (exactList[index] ?? null) : null;
  };
  const items: NormalizedItem[] = [];
  for (const [index, element] of (list as readonly JsonValue[]).entries()) {
    // An item that was not recorded is no history; where one item is asked for, it is none.
    if (lostPartOf(element, payload.lostParts) !== undefined) continue;
    const item = readItem(context, {
      value: element,
      payloadId,
      lostParts: payload.lostParts,
      exact: () => exactElement(index),
    });
    if (item === undefined) continue;
    items.push(item);
    positions?.push(index);
  }
  return items;
}

function memberOf(node: JsonNode, name: string): JsonNode {
  return node instanceof Map ? (node.get(name) ?? null) : null;
}
