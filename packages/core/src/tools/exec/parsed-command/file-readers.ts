import { operandsOf } from "./operands.ts";

/** `1,20p` or `20p`. */
const PRINTED_LINES = /^\d+(,\d+)?p$/;

/** Programs that show one file, by the flags of theirs that take a value. */
const VIEWERS: Readonly<Record<string, readonly string[]>> = {
  cat: [],
  bat: [
    "--theme",
    "--language",
    "--style",
    "--terminal-width",
    "--tabs",
    "--line-range",
    "--map-syntax",
  ],
  batcat: [
    "--theme",
    "--language",
    "--style",
    "--terminal-width",
    "--tabs",
    "--line-range",
    "--map-syntax",
  ],
  less: [
    "-p",
    "-P",
    "-x",
    "-y",
    "-z",
    "-j",
    "--pattern",
    "--prompt",
    "--tabs",
    "--shift",
    "--jump-target",
  ],
  more: [],
};

/** The file that a command shows; `undefined` for a command that shows none, or more than one at a time. */
export function fileRead([name = "", ...args]: readonly string[]): string | undefined {
  const viewed = Object.hasOwn(VIEWERS, name) ? VIEWERS[name] : undefined;
  if (viewed !== undefined) {
    const operands = operandsOf(args, viewed);
    return operands.length === 1 ? operands[0] : undefined;
  }
  switch (name) {
    case "head":
      return ofEnd(args, /^\d+$/);
    case "tail":
      return ofEnd(args, /^\+?\d+$/);
    case "nl":
      return operandsOf(args, ["-s", "-w", "-v", "-i", "-b"])[0];
    case "sed":
      return ofSed(args);
    case "awk":
      return ofAwk(args);
    default:
      return undefined;
  }
}

/** `head FILE`, `head -n 20 FILE…`, `head -n20 FILE…`. */
function ofEnd(args: readonly string[], count: RegExp): string | undefined {
  const [first = "", second = ""] = args;
  if (!first.startsWith("-")) return args.length === 1 ? first : undefined;
  if (first === "-n" && count.test(second)) return operandsOf(args.slice(2))[0];
  return first.startsWith("-n") && count.test(first.slice(2))
    ? operandsOf(args.slice(1))[0]
    : undefined;
}

/** `sed -n 1,20p FILE…`, with the lines also as the value of `-e`. */
function ofSed(args: readonly string[]): string | undefined {
  if (!args.includes("-n")) return undefined;
  const given = args.some(
    (word, index) =>
      (word === "-e" || word === "--expression") && PRINTED_LINES.test(args[index + 1] ?? ""),
  );
  const [first = "", second] = operandsOf(args, ["-e", "--expression", "-f", "--file"]);
  if (given) return first === "" ? undefined : first;
  return PRINTED_LINES.test(first) ? second : undefined;
}

function ofAwk(args: readonly string[]): string | undefined {
  const operands = operandsOf(args, ["-F", "-v", "-f", "--field-separator", "--assign", "--file"]);
  const hasProgramFile = args.some((word) => word === "-f" || word === "--file");
  return operands[hasProgramFile ? 0 : 1];
}
