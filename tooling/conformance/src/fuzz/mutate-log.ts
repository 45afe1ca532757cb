import { printJson } from "./json-text.ts";
import type { Mutation } from "./mutation.ts";
import { changePlace, placesIn } from "./values.ts";

/** Damage to the text of the log itself. Events that are changed afterwards are not seen any more. */
export const damageLog: Mutation = (bundle, dice) => {
  const lines = bundle.events.map((event) => printJson(event));
  const at = dice.below(lines.length);
  const line = lines[at] ?? "";
  switch (dice.below(8)) {
    case 0:
      bundle.setLog(
        `${lines.slice(0, at).join("\n")}\n${line.slice(0, dice.below(line.length + 1))}`,
      );
      return `log: torn in line ${at + 1}`;
    case 1:
      bundle.setLog(lines.join("\n"));
      return "log: no newline at the end";
    case 2:
      bundle.setLog(`${lines.join("\r\n")}\r\n`);
      return "log: carriage returns";
    case 3:
      lines.splice(at, 0, dice.pick(BLANKS));
      break;
    case 4:
      lines.splice(at, 0, dice.pick(NO_EVENTS));
      break;
    case 5:
      lines[at] = dice.pick(BLANKS) + line + dice.pick(["", " ", "x", "{}", "\u00a0", ","]);
      break;
    case 6:
      lines[at] = line + line;
      break;
    default: {
      const place = dice.below(line.length);
      const letter = dice.pick(["}", '"', "\\", "\u0001", "9", "e", "\n", "😀", "-"]);
      lines[at] = line.slice(0, place) + letter + line.slice(place + 1);
    }
  }
  bundle.setLog(`${lines.join("\n")}\n`);
  return `log: line ${at + 1} is ${JSON.stringify((lines[at] ?? "").slice(0, 40))}`;
};

const BLANKS = [
  "",
  " ",
  "\t",
  "\r",
  "\u00a0",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\u000b",
  "\u000c",
  "\u200b",
];
const NO_EVENTS = [
  "{}",
  "[]",
  "null",
  "1",
  '"x"',
  "{",
  "nothing",
  '{"payload":{"type":"rollout_ended"}}',
];

export const changeManifest: Mutation = (bundle, dice) => {
  const places = placesIn(bundle.manifest);
  if (places.length === 0) return undefined;
  return `manifest: ${changePlace(dice.pick(places), dice, [])}`;
};
