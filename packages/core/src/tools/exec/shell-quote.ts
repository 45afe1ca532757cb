type Quoting = "bare" | "single" | "double";

const BARE = /[+\-./:@\]_0-9A-Za-z]/;

/**
 * A command line a shell reads back as exactly these words, quoted the way Codex shows commands: a word is cut into the
 * longest pieces one kind of quoting can hold; bare is preferred to single, single to double quotes.
 */
export function shellJoin(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  if (word === "") return "''";
  const pieces: string[] = [];
  for (let rest = word; rest !== "";) {
    const { length, quoting } = longestPiece(rest);
    pieces.push(QUOTINGS[quoting].quote(rest.slice(0, length)));
    rest = rest.slice(length);
  }
  return pieces.join("");
}

function longestPiece(text: string): { readonly length: number; readonly quoting: Quoting } {
  let possible: readonly Quoting[] = ["bare", "single", "double"];
  let length = 0;
  for (const character of text) {
    // Some shells read it as a reference to their history, but not where a quoted piece begins with it.
    if (character === "^" && length > 0) break;
    const still = possible.filter((quoting) => QUOTINGS[quoting].holds(character));
    if (still.length === 0) break;
    possible = still;
    length += character.length;
  }
  return { length, quoting: possible[0] ?? "single" };
}

/** Whether a kind of quoting can hold a character, and what a piece looks like in it. */
const QUOTINGS: Readonly<
  Record<
    Quoting,
    { readonly holds: (character: string) => boolean; readonly quote: (piece: string) => string }
  >
> = {
  bare: { holds: (character) => BARE.test(character), quote: (piece) => piece },
  // One shell reads a backslash in single quotes as an escape.
  single: { holds: (character) => !"'\\".includes(character), quote: (piece) => `'${piece}'` },
  double: {
    holds: (character) => !"`$!^".includes(character),
    quote: (piece) => `"${piece.replace(/["\\]/g, "\\$&")}"`,
  },
};
