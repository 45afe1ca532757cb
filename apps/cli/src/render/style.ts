import { styleText } from "node:util";
import type { TextOutput } from "../cli-process.ts";

type Format = Parameters<typeof styleText>[0];

/** Colors a piece of text, or leaves it as it is. */
export type Style = (format: Format, text: string) => string;

/** Color for terminals only, and never with `NO_COLOR`. */
export function createStyle(
  output: TextOutput,
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const isPlain = output.isTTY !== true || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  if (isPlain) return (_format, text) => text;
  return (format, text) => styleText(format, text, { validateStream: false });
}
