import type { TextOutput } from "../cli-process.ts";
import { stripToOneLine } from "./strip-control.ts";

/** Writes a warning as one line. */
export function warnOn(stderr: TextOutput): (message: string) => void {
  return (message) => void stderr.write(`warning: ${stripToOneLine(message)}\n`);
}
