import { isReference } from "./items.ts";
import { type Mutation, typeOf } from "./mutation.ts";
import { changePlace, placesIn } from "./values.ts";

export const changePayload: Mutation = (bundle, dice, pool) => {
  const path = dice.pick(bundle.payloadPaths);
  const value = bundle.payload(path);
  if (value === undefined) return undefined;
  const places = placesIn(value);
  if (places.length === 0) return undefined;
  // Tools and instructions fill most of a request, and nothing looks at them.
  const telling = places.filter(({ key }) => !["tools", "instructions"].includes(String(key)));
  const place = dice.pick(telling);
  return `${path}: ${changePlace(place, dice, dice.oneIn(2) ? pool : telling.map((each) => each.value))}`;
};

export const swapPayloads: Mutation = (bundle, dice) => {
  const references = bundle.events.flatMap((event) =>
    Object.entries(event.payload).flatMap(([name, value]) =>
      isReference(value) ? [{ event, name, value }] : [],
    ),
  );
  if (references.length < 2) return undefined;
  const [one, two] = [dice.pick(references), dice.pick(references)];
  one.event.payload[one.name] = two.value;
  two.event.payload[two.name] = one.value;
  return `swap payloads of ${typeOf(one.event)} and ${typeOf(two.event)}`;
};

export const damageFile: Mutation = (bundle, dice) => {
  const path = dice.pick(bundle.payloadPaths);
  const text = bundle.text(path) ?? "";
  switch (dice.below(6)) {
    case 0:
      bundle.delete(path);
      return `${path}: gone`;
    case 1:
      bundle.setText(path, text.slice(0, dice.below(text.length)));
      return `${path}: cut`;
    case 2:
      bundle.setText(
        path,
        `${text}${dice.pick([" ", "\n\t", "x", "{}", "\u0000", "\u00a0", ","])}`,
      );
      return `${path}: more behind`;
    case 3:
      bundle.setText(path, `${dice.pick([" ", "\n", "\ufeff", "x"])}${text}`);
      return `${path}: more before`;
    case 4:
      bundle.setText(
        path,
        dice.pick([
          "",
          "null",
          "[]",
          "{}",
          "1",
          '"x"',
          "1e400",
          "NaN",
          "[1,]",
          "{'a':1}",
          "01",
          "-",
          "1.",
          '"\t"',
          '"\\x"',
          "[1e5000]",
        ]),
      );
      return `${path}: replaced`;
    default: {
      const at = dice.below(text.length);
      bundle.setText(
        path,
        text.slice(0, at) + dice.pick(["}", '"', "\\", "\u0001", "9", "e"]) + text.slice(at + 1),
      );
      return `${path}: a letter changed`;
    }
  }
};
