import type { DraftBundle, DraftEvent } from "./draft-bundle.ts";
import type { Dice } from "./dice.ts";
import { isReference } from "./items.ts";
import { copyJson, JsonText } from "./json-text.ts";
import type { Json } from "./json-text.ts";
import { type Mutation, typeOf } from "./mutation.ts";
import { changePlace, placesIn } from "./values.ts";

export const dropEvent: Mutation = (bundle, dice) => {
  const [event] = bundle.events.splice(dice.below(bundle.events.length), 1);
  return event && `drop ${typeOf(event)}`;
};

export const repeatEvent: Mutation = (bundle, dice) => {
  const event = dice.pick(bundle.events);
  bundle.events.splice(dice.below(bundle.events.length + 1), 0, copyJson(event) as DraftEvent);
  return `repeat ${typeOf(event)}`;
};

export const moveEvent: Mutation = (bundle, dice) => {
  const from = dice.below(bundle.events.length);
  const [event] = bundle.events.splice(from, 1);
  if (event === undefined) return undefined;
  const to = dice.oneIn(2)
    ? Math.max(0, from + dice.below(9) - 4)
    : dice.below(bundle.events.length + 1);
  bundle.events.splice(to, 0, event);
  return `move ${typeOf(event)} ${from}->${to}`;
};

/** A stream that ends late: after the turn, the next request or a compaction. */
export const delayEnd: Mutation = (bundle, dice) => {
  const ends = bundle.events.filter((event) =>
    /^(inference_(completed|failed|cancelled)|code_cell_|tool_call_(runtime_)?ended|codex_turn_ended|compaction_request_)/.test(
      typeOf(event),
    ),
  );
  if (ends.length === 0) return undefined;
  const event = dice.pick(ends);
  const from = bundle.events.indexOf(event);
  const to = from + 1 + dice.below(bundle.events.length - from);
  bundle.events.splice(to, 0, event);
  bundle.events.splice(from, 1);
  return `delay ${typeOf(event)} ${from}->${to}`;
};

const STATUSES =
  "running completed failed aborted cancelled starting yielded terminated unknown".split(" ");

export const changeStatus: Mutation = (bundle, dice) => {
  const events = bundle.events.filter((event) => "status" in event.payload);
  if (events.length === 0) return undefined;
  const event = dice.pick(events);
  const status = dice.pick(STATUSES);
  event.payload["status"] = status;
  return `status ${status} ${typeOf(event)}`;
};

/** An id, name or reference of another event in place of its own. */
export const borrowMember: Mutation = (bundle, dice) => {
  const event = dice.pick(bundle.events);
  const [name, donors] = membersToBorrow(bundle, event, dice);
  if (name === undefined || donors.length === 0) return undefined;
  const target = name in event.payload ? event.payload : event;
  target[name] = copyJson(dice.pick(donors));
  return `borrow ${name} ${typeOf(event)}`;
};

function membersToBorrow(
  bundle: DraftBundle,
  event: DraftEvent,
  dice: Dice,
): [string | undefined, Json[]] {
  const names = [...Object.keys(event.payload), "thread_id", "codex_turn_id"].filter(
    (name) => name !== "type",
  );
  const name = dice.pick(names);
  const others = bundle.events.flatMap((each) =>
    Object.entries({ ...each, ...each.payload }).filter(
      ([key, value]) =>
        (key === name || (isReference(value) && isReference(event.payload[name]))) &&
        value !== null,
    ),
  );
  return [name, others.map(([, value]) => value)];
}

export const changeMember: Mutation = (bundle, dice) => {
  const event = dice.pick(bundle.events);
  const places = placesIn(event);
  return `event ${typeOf(event)}: ${changePlace(dice.pick(places), dice, [null])}`;
};

export const dropMember: Mutation = (bundle, dice) => {
  const event = dice.pick(bundle.events);
  const holder = dice.oneIn(3) ? event : event.payload;
  const name = dice.pick(Object.keys(holder));
  if (dice.oneIn(2)) delete holder[name];
  else holder[name] = null;
  return `no ${name} ${typeOf(event)}`;
};

export const breakNumbering: Mutation = (bundle, dice) => {
  const event = dice.pick(bundle.events);
  event["seq"] = dice.pick<Json>([
    0,
    1,
    7,
    -1,
    new JsonText("1.0"),
    new JsonText("1e2"),
    new JsonText("9007199254740993"),
  ]);
  return "seq";
};
