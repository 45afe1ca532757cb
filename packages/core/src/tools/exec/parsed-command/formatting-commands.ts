import { fileRead } from "./file-readers.ts";

/** Programs that only change the form of what they read, with any arguments. */
const FORMATTERS: ReadonlySet<string> = new Set([
  "wc",
  "tr",
  "cut",
  "sort",
  "uniq",
  "tee",
  "column",
  "yes",
  "printf",
]);

/** Programs that do so when they are given no file. */
const FORMATTERS_WITHOUT_FILE: ReadonlySet<string> = new Set(["head", "tail", "sed", "awk", "nl"]);

/** Whether a command among others adds nothing to what they do. */
export function isFormatting(words: readonly string[]): boolean {
  const [name = "", ...args] = words;
  if (FORMATTERS.has(name)) return true;
  if (name === "xargs") return !changesFiles(args);
  return FORMATTERS_WITHOUT_FILE.has(name) && fileRead(words) === undefined;
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

const XARGS_VALUES: ReadonlySet<string> = new Set([
  "-E",
  "-e",
  "-I",
  "-L",
  "-n",
  "-P",
  "-s",
  "-d",
  "-a",
]);

/** The program that `xargs` runs, with its arguments. */
function fromFirstOperand(args: readonly string[]): readonly string[] {
  let at = 0;
  while (args[at]?.startsWith("-") === true) at += XARGS_VALUES.has(args[at] ?? "") ? 2 : 1;
  return args.slice(at);
}
