import type { PatchCompatibility } from "../patch.ts";

/** The lines of a text. */
export interface TextLines {
  /** Without line ends. */
  readonly texts: readonly string[];
  /** Line end of each line, `""` for a last line without one; `undefined` where every line is ended by `newEnding`. */
  readonly endings: readonly string[] | undefined;
  /** Line end of lines that are new: that of the first line, LF where there is none. */
  readonly newEnding: string;
}

/** Takes a text apart. For `0.140` only LF ends a line, and every line has one; for `0.171` CRLF and a lone CR end lines, too. */
export function splitLines(text: string, compatibility: PatchCompatibility): TextLines {
  if (compatibility === "0.140" || !text.includes("\r")) {
    const texts = text.split("\n");
    const isEnded = texts.at(-1) === "";
    if (isEnded) texts.pop();
    const endings = isEnded || compatibility === "0.140" ? undefined : lastUnended(texts.length);
    return { texts, endings, newEnding: "\n" };
  }
  const texts: string[] = [];
  const endings: string[] = [];
  let start = 0;
  for (const { 0: ending, index } of text.matchAll(/\r\n|\n|\r/g)) {
    texts.push(text.slice(start, index));
    endings.push(ending);
    start = index + ending.length;
  }
  const newEnding = endings[0] ?? "\n";
  if (start < text.length) {
    texts.push(text.slice(start));
    endings.push("");
  }
  return { texts, endings, newEnding };
}

function lastUnended(count: number): string[] {
  const endings = Array<string>(count).fill("\n");
  endings[count - 1] = "";
  return endings;
}
