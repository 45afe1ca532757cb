import type { Generation } from "../wire/generation.ts";
import { toTurn } from "../wire/turn.ts";
import type { ItemsView } from "../wire/turn.ts";
import type { KeptItem, KeptTurn } from "./session-turns.ts";

export function showTurn(generation: Generation, turn: KeptTurn, view: ItemsView): object {
  const items = itemsIn(turn.items, view);
  return toTurn(generation, { ...turn, items: items.map(({ shown }) => shown), itemsView: view });
}

/** Of a summary the first thing the user said, and the last the model. */
function itemsIn(items: readonly KeptItem[], view: ItemsView): readonly KeptItem[] {
  switch (view) {
    case "full":
      return items;
    case "notLoaded":
      return [];
    case "summary": {
      const first = items.find(({ item }) => item.type === "userMessage");
      const last = items.findLast(({ item }) => item.type === "agentMessage");
      return [first, last].filter((item) => item !== undefined);
    }
    default:
      return view satisfies never;
  }
}
