import type { PlanUpdate } from "@codex-ts/protocol";
import type { TurnEvent, TurnItem } from "./turn-event.ts";

type TodoList = Extract<TurnItem, { readonly type: "todo_list" }>;

/** The plan of one turn as an item: it begins with the first update, and ends with the turn. */
export class PlanItem {
  #item: TodoList | undefined;

  /** `itemId` becomes the id of the item when there is none yet. */
  update({ plan }: PlanUpdate, itemId: string): TurnEvent {
    const isNew = this.#item === undefined;
    const items = plan.map(({ step, status }) => ({
      text: step,
      completed: status === "completed",
    }));
    const item: TodoList = { id: this.#item?.id ?? itemId, type: "todo_list", items };
    this.#item = item;
    return { type: isNew ? "itemStarted" : "itemUpdated", item };
  }

  /** The end of the item, if there is one. */
  end(): readonly TurnEvent[] {
    const item = this.#item;
    this.#item = undefined;
    return item === undefined ? [] : [{ type: "itemCompleted", item }];
  }
}
