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
  // A caret is held by single quotes that begin with it, and by nothing else.
  const startsWithCaret = text.startsWith("^");
  let possible: readonly Quoting[] = startsWithCaret ? ["single"] : ["bare", "single", "double"];
  let length = startsWithCaret ? 1 : 0;
  for (const character of text.slice(length)) {
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
  single: { holds: (character) => !"'\\^".includes(character), quote: (piece) => `'${piece}'` },
  double: {
    holds: (character) => !"`$!^".includes(character),
    quote: (piece) => `"${piece.replace(/["\\]/g, "\\$&")}"`,
  },
};
