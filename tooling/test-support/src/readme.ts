import { readFileSync } from "node:fs";

/** The fenced code blocks of a Markdown file in one language, in order, without their fences. */
export function readmeCodeBlocks(file: string | URL, language: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? "");
}
