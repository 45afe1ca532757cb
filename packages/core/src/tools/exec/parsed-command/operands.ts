/** The words of a command that are no flags and no values of flags; everything after `--` counts. */
export function operandsOf(
  words: readonly string[],
  flagsWithValue: readonly string[] = [],
): readonly string[] {
  const operands: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "--") return [...operands, ...words.slice(index + 1)];
    if (flagsWithValue.includes(word)) index += 1;
    else if (!word.startsWith("-")) operands.push(word);
  }
  return operands;
}

/** The same without what looks like a flag behind `--`. */
export function wordsWithoutFlags(
  words: readonly string[],
  flagsWithValue: readonly string[] = [],
): readonly string[] {
  return operandsOf(words, flagsWithValue).filter((word) => !word.startsWith("-"));
}

/** Directories that say little about what is in them. */
const VAGUE: ReadonlySet<string> = new Set(["build", "dist", "node_modules", "src"]);

/** The part of a path that says most: its last name, or the one before names like `src`. */
export function shortPath(path: string): string {
  const trimmed = path.replaceAll("\\", "/").replace(/\/+$/, "");
  const parts = trimmed.split("/").filter((part) => part !== "" && !VAGUE.has(part));
  return parts.at(-1) ?? trimmed;
}
