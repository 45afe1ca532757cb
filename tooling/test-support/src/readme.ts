import { readFileSync } from "node:fs";

/**
 * The fenced code blocks of a Markdown file in one language, in order, without their fences. `info` is the language, or
 * all that stands behind the fence: `ts examples/first-turn.ts`.
 */
export function readmeCodeBlocks(file: string | URL, info: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^```((\w+)[^\n]*)\n(.*?)^```$/gms)]
    .filter(([, whole, language]) => whole === info || language === info)
    .map((match) => match[3] ?? "");
}
