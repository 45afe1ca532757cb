import { styleText } from "node:util";
import type { TextOutput } from "../cli-process.ts";
import type { ColorMode } from "../exec-choices.ts";

type Format = Parameters<typeof styleText>[0];

/** Colors a piece of text, or leaves it as it is. */
export type Style = (format: Format, text: string) => string;

/** By default color for terminals only, and never with `NO_COLOR`. */
export function createStyle(
  output: TextOutput,
  env: Readonly<Record<string, string | undefined>>,
  mode: ColorMode = "auto",
): Style {
  const isTerminal = output.isTTY === true && env["TERM"] !== "dumb" && !env["NO_COLOR"];
  const isColored = mode === "always" || (mode === "auto" && isTerminal);
  if (!isColored) return (_format, text) => text;
  return (format, text) => styleText(format, text, { validateStream: false });
}
