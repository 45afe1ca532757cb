import type { Dice } from "./dice.ts";
import { copyJson, isObject, JsonText } from "./json-text.ts";
import type { Json } from "./json-text.ts";

const NUMBERS =
  "0 -0 1 -1 1.0 1e3 1E+2 1e400 -1e-7 12345678901234567890 18446744073709551616 0.10 2147483648 4294967296 9223372036854775808 123456789012345678901234567890.5".split(
    " ",
  );

const TEXTS = [
  "",
  " ",
  "{}",
  '{"b":1,"2":0,"a":1.0}',
  '{"a":1,"b":2,"a":3}',
  '"text"',
  "[1e3, 1.0,  12345678901234567890]",
  "null",
  " 1.50 ",
  "ä€😀",
  "\u0000\u007f\u2028",
  "\ud83d",
  '"\\ud83d"',
  "__proto__",
  "constructor",
  "/root",
  "/root/child",
  "raw_payload:1",
];

/** Any value a place in a bundle may hold. */
export function anyValue(dice: Dice): Json {
  switch (dice.below(9)) {
    case 0:
      return null;
    case 1:
      return dice.oneIn(2);
    case 2:
    case 3:
      return new JsonText(dice.pick(NUMBERS));
    case 4:
    case 5:
      return dice.pick(TEXTS);
    case 6:
      return longText(dice);
    case 7:
      return dice.oneIn(2) ? [] : {};
    default:
      return nested(dice);
  }
}

/** Text, or JSON in text, whose length is close to where a summary is cut. */
function longText(dice: Dice): string {
  const letter = dice.pick(["a", "ä", "€", "😀", '"', "\n"]);
  const length = Math.floor((225 + dice.below(30)) / Buffer.byteLength(letter));
  const text = "x".repeat(dice.below(5)) + letter.repeat(length);
  return dice.oneIn(2) ? text : JSON.stringify(dice.oneIn(2) ? { text } : [text, 1]);
}

function nested(dice: Dice): JsonText {
  const depth = dice.pick([3, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130]);
  return new JsonText("[".repeat(depth) + "]".repeat(depth));
}

/** Every place below `value` that holds something: where it is and what is there. */
export interface Place {
  readonly parent: Json[] | { [member: string]: Json };
  readonly key: string | number;
  readonly value: Json;
}

export function placesIn(value: Json, found: Place[] = []): Place[] {
  if (!isObject(value) && !Array.isArray(value)) return found;
  const entries: [string | number, Json][] = Array.isArray(value)
    ? value.map((element, index) => [index, element])
    : Object.entries(value);
  for (const [key, member] of entries) {
    found.push({ parent: value, key, value: member });
    placesIn(member, found);
  }
  return found;
}

/** Changes something at one place, in one of the ways data gets damaged. `others` are values to put there. */
export function changePlace(place: Place, dice: Dice, others: readonly Json[]): string {
  const { parent, key, value } = place;
  const put = (next: Json): void => {
    (parent as { [key: string | number]: Json })[key] = next;
  };
  const way = dice.below(10);
  if (way === 0) {
    if (Array.isArray(parent)) parent.splice(key as number, 1);
    else delete parent[key];
    return `drop ${key}`;
  }
  if (way === 1 && Array.isArray(parent)) {
    parent.splice(dice.below(parent.length + 1), 0, copyJson(value));
    return `repeat ${key}`;
  }
  if (way === 2 && Array.isArray(parent)) {
    parent.splice(key as number, 1);
    parent.splice(dice.below(parent.length + 1), 0, value);
    return `move ${key}`;
  }
  if (way <= 4 && typeof value === "string") {
    put(changedText(value, dice));
    return `text ${key}`;
  }
  if (way <= 6 && others.length > 0) {
    put(copyJson(dice.pick(others)));
    return `other ${key}`;
  }
  if (way === 7 && isObject(value)) {
    put(withRepeatedMember(value, dice));
    return `repeated member ${key}`;
  }
  if (way === 8 && !Array.isArray(parent)) {
    parent[dice.pick(["extra", "2", "id", "call_id", "type", "phase", "text", "role"])] =
      anyValue(dice);
    return `add beside ${key}`;
  }
  put(anyValue(dice));
  return `value ${key}`;
}

function changedText(text: string, dice: Dice): string {
  switch (dice.below(5)) {
    case 0:
      return `${text}x`;
    case 1:
      return text.slice(0, dice.below(text.length + 1));
    case 2:
      return `${text.slice(0, 3)}${dice.pick(["😀", "ä", "\ud83d", "\u0001", '"', "\\"])}${text.slice(3)}`;
    case 3:
      return longText(dice);
    default:
      return dice.pick(TEXTS);
  }
}

function withRepeatedMember(value: { [member: string]: Json }, dice: Dice): Json {
  const names = Object.keys(value);
  const name = names.length === 0 ? "type" : dice.pick(names);
  const extra = JSON.stringify(name);
  const inner = JSON.stringify(value, (_, each: unknown) =>
    each instanceof JsonText ? null : each,
  ).slice(1, -1);
  const more = `${extra}:${JSON.stringify(dice.pick<Json>([null, "x", 1, {}, value[name] instanceof JsonText ? 1 : (value[name] ?? 1)]))}`;
  if (inner === "") return new JsonText(`{${more},${more}}`);
  return new JsonText(dice.oneIn(2) ? `{${inner},${more}}` : `{${more},${inner}}`);
}
