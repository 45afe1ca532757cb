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
    pieces.push(quotePiece(rest.slice(0, length), quoting));
    rest = rest.slice(length);
  }
  return pieces.join("");
}

function longestPiece(text: string): { readonly length: number; readonly quoting: Quoting } {
  let possible: readonly Quoting[] = ["bare", "single", "double"];
  let length = 0;
  for (const character of text) {
    const still = possible.filter((quoting) => holds(quoting, character));
    if (still.length === 0) break;
    possible = still;
    length += character.length;
  }
  return { length, quoting: possible[0] ?? "single" };
}

function holds(quoting: Quoting, character: string): boolean {
  switch (quoting) {
    case "bare":
      return BARE.test(character);
    case "single":
      return character !== "'";
    case "double":
      return !"`$!^".includes(character);
  }
}

function quotePiece(piece: string, quoting: Quoting): string {
  switch (quoting) {
    case "bare":
      return piece;
    case "single":
      return `'${piece}'`;
    case "double":
      return `"${piece.replace(/["\\]/g, "\\$&")}"`;
  }
}
