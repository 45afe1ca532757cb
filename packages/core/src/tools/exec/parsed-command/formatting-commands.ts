import { fileRead } from "./file-readers.ts";

/** Programs that only change the form of what they read, whatever their arguments. */
const FORMATTERS: readonly string[] = [
  "wc",
  "tr",
  "cut",
  "sort",
  "uniq",
  "tee",
  "column",
  "yes",
  "printf",
];

/** Programs that do so when they are given no file. */
const FORMATTERS_WITHOUT_FILE: readonly string[] = ["head", "tail", "sed", "awk", "nl"];

/** Whether a command among others adds nothing to what they do. */
export function isFormatting(words: readonly string[]): boolean {
  const [name = "", ...args] = words;
  if (FORMATTERS.includes(name)) return true;
  if (name === "xargs") return !changesFiles(args);
  return FORMATTERS_WITHOUT_FILE.includes(name) && fileRead(words) === undefined;
}

/** `xargs` with a program that may write to the files it is given. */
function changesFiles(args: readonly string[]): boolean {
  const [name = "", ...given] = fromFirstOperand(args);
  switch (name) {
    case "perl":
    case "ruby":
      return given.some((word) => /^-p?i/.test(word));
    case "sed":
      return given.some((word) => word.startsWith("-i") || word.startsWith("--in-place"));
    case "rg":
      return given.some((word) => word === "--replace" || word.startsWith("-r"));
    default:
      return false;
  }
}

const XARGS_VALUES: readonly string[] = ["-E", "-e", "-I", "-L", "-n", "-P", "-s", "-d", "-a"];

/** The program that `xargs` runs, and what it gives it. */
function fromFirstOperand(args: readonly string[]): readonly string[] {
  let at = 0;
  while (args[at]?.startsWith("-") === true) at += XARGS_VALUES.includes(args[at] ?? "") ? 2 : 1;
  return args.slice(at);
}
