import type { Dice } from "./dice.ts";
import type { DraftBundle } from "./draft-bundle.ts";
import { itemsOf } from "./items.ts";
import { copyJson, isObject } from "./json-text.ts";
import type { Json } from "./json-text.ts";

/** The members of an object. */
export type Members = { [member: string]: Json };

const KINDS =
  "exec_command write_stdin apply_patch web image_generation spawn_agent assign_agent_task send_message wait_agent close_agent".split(
    " ",
  );

/** Picks what new events are made of. */
export class EventMaker {
  readonly bundle: DraftBundle;
  readonly dice: Dice;
  readonly pool: readonly Json[];

  constructor(bundle: DraftBundle, dice: Dice, pool: readonly Json[]) {
    this.bundle = bundle;
    this.dice = dice;
    this.pool = pool;
  }

  /** A value some event has under one of these names, or else the given one. */
  some(names: readonly string[], fallback: Json = "new"): Json {
    const values = this.bundle.events.flatMap((event) =>
      names.flatMap((name) =>
        [event.payload[name], event[name]].filter((value) => value !== undefined && value !== null),
      ),
    ) as Json[];
    return values.length === 0 || this.dice.oneIn(12) ? fallback : copyJson(this.dice.pick(values));
  }

  callId(): Json {
    const ids = itemsOf(this.bundle).flatMap((item) =>
      isObject(item) && typeof item["call_id"] === "string" ? [item["call_id"]] : [],
    );
    return ids.length === 0 || this.dice.oneIn(6) ? "call_new" : this.dice.pick(ids);
  }

  itemId(): Json {
    const ids = itemsOf(this.bundle).flatMap((item) =>
      isObject(item) && typeof item["id"] === "string" ? [item["id"]] : [],
    );
    return ids.length === 0 || this.dice.oneIn(6) ? "item_new" : this.dice.pick(ids);
  }

  items(): Json[] {
    const own = itemsOf(this.bundle);
    const count = this.dice.below(6);
    return Array.from({ length: count }, () =>
      copyJson(
        own.length > 0 && !this.dice.oneIn(4) ? this.dice.pick(own) : this.dice.pick(this.pool),
      ),
    );
  }

  /** A whole list of the bundle, or a made one. */
  list(): Json[] {
    const lists = this.bundle.payloadPaths.flatMap((path) => {
      const value = this.bundle.payload(path);
      const list = isObject(value) ? (value["input"] ?? value["output_items"]) : undefined;
      return Array.isArray(list) ? [list] : [];
    });
    const list =
      lists.length > 0 && !this.dice.oneIn(3) ? (copyJson(this.dice.pick(lists)) as Json[]) : [];
    return [...list, ...(this.dice.oneIn(2) ? this.items() : [])];
  }

  status(): Json {
    return this.dice.pick(["running", "completed", "failed", "cancelled", "aborted"]);
  }

  kind(): Json {
    if (this.dice.oneIn(5)) return { type: "other", name: this.dice.pick(["exec", "wait"]) };
    if (this.dice.oneIn(10)) return { type: "mcp", server: "s", tool: "t" };
    return { type: this.dice.pick(KINDS) };
  }

  tool(): Json {
    return this.some(["tool_call_id"]);
  }

  thread(): Json {
    const names = ["child_thread_id", "thread_id"];
    return this.some(names, "00000000-0000-7000-8000-000000000001");
  }
}
