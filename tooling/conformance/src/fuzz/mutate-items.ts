import { itemLists, itemsOf } from "./items.ts";
import { copyJson, isObject } from "./json-text.ts";
import type { Json } from "./json-text.ts";
import type { Mutation } from "./mutation.ts";
import { changePlace, placesIn } from "./values.ts";

export const changeItem: Mutation = (bundle, dice, pool) => {
  const items = itemsOf(bundle);
  if (items.length === 0) return undefined;
  const item = dice.pick(items);
  const places = placesIn(item);
  if (places.length === 0) return undefined;
  const others = dice.oneIn(2)
    ? pool.flatMap((each) => placesIn(each).map(({ value }) => value))
    : placesIn(dice.pick(items)).map(({ value }) => value);
  return `item ${label(item)}: ${changePlace(dice.pick(places), dice, others)}`;
};

export const changeList: Mutation = (bundle, dice, pool) => {
  const lists = itemLists(bundle);
  if (lists.length === 0) return undefined;
  const list = dice.pick(lists);
  const at = dice.below(list.length + 1);
  switch (dice.below(6)) {
    case 0:
      list.splice(at, 1);
      return "items: drop";
    case 1:
      if (list.length > 0) list.splice(at, 0, copyJson(dice.pick(list)));
      return "items: repeat";
    case 2:
      list.splice(at, 0, ...list.splice(dice.below(list.length + 1), 1));
      return "items: move";
    case 3: {
      const item = copyJson(dice.pick(pool));
      list.splice(at, 0, item);
      return `items: add ${label(item)}`;
    }
    case 4: {
      list.splice(at, 0, ...(copyJson(dice.pick(lists)) as Json[]));
      return "items: merge";
    }
    default: {
      const item = copyJson(dice.pick(pool));
      // Beyond one list: the same new item in every later one, as a history carries it on.
      for (const each of lists) each.splice(Math.min(at, each.length), 0, copyJson(item));
      return `items: add everywhere ${label(item)}`;
    }
  }
};

function label(item: Json): string {
  return isObject(item) && typeof item["type"] === "string" ? item["type"] : "value";
}
