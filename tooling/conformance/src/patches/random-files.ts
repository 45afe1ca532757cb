import type { Dice } from "../fuzz/dice.ts";
import type { Entry, Tree } from "./patch-case.ts";

/** Lines that occur again and again, and lines that differ from them in what matching forgives. */
export const LINES: readonly string[] = [
  "a",
  "b",
  "c",
  "}",
  "",
  "  a",
  "a  ",
  "\tb",
  " ",
  "it's \u201cquoted\u201d",
  'it\'s "quoted"',
  "x \u2013 y",
  "x - y",
  "n\u00a0b",
  "n b",
  "*** End Patch",
  "+plus",
  "-minus",
  "@@ at",
  "d\u0085",
  "\ufeffd",
  "d",
  "😀 é",
];

const ENDINGS = ["\n", "\n", "\n", "\r\n", "\r"];
const NAMES = ["f", "g", "h.txt", "sub/i", "sub/deep/j"];

/** A small directory with text files in all line ends, sometimes other things. */
export function randomTree(dice: Dice): Tree {
  const tree = new Map<string, Entry>([
    ["sub", { type: "directory" }],
    ["sub/deep", { type: "directory" }],
  ]);
  for (const name of NAMES) if (!dice.oneIn(6)) tree.set(name, randomFile(dice));
  if (dice.oneIn(4))
    tree.set("link", { type: "link", target: dice.pick(["f", "sub/i", "sub", "nowhere", "link"]) });
  if (dice.oneIn(4)) tree.set("dir", { type: "directory" });
  return tree;
}

function randomFile(dice: Dice): Entry {
  const mode = dice.oneIn(6) ? 0o755 : 0o644;
  if (dice.oneIn(25)) {
    const bytes = dice.pick([
      "a\n\xff\n",
      "a\n\xe2\x80",
      "\xc0\x80b\n",
      "a\xed\xa0\x80",
      "\xf0\x9f\x98x",
    ]);
    return { type: "file", bytes, mode };
  }
  const text = randomText(dice);
  return { type: "file", bytes: Buffer.from(text, "utf8").toString("latin1"), mode };
}

function randomText(dice: Dice): string {
  const isMixed = dice.oneIn(6);
  const usual = dice.pick(ENDINGS);
  const count = dice.oneIn(12) ? 0 : dice.below(14);
  const vocabulary = dice.oneIn(2) ? LINES : LINES.slice(0, 4);
  const lines = Array.from(
    { length: count },
    () => dice.pick(vocabulary) + (isMixed ? dice.pick(ENDINGS) : usual),
  );
  const last = lines.at(-1);
  if (last !== undefined && dice.oneIn(5)) lines[lines.length - 1] = last.replace(/[\r\n]+$/, "");
  return lines.join("");
}
