import { fileRead } from "./file-readers.ts";
import { operandsOf, shortPath, wordsWithoutFlags } from "./operands.ts";

/** The action of one command, as far as its words show. */
export type CommandAction =
  | { readonly type: "read"; readonly path: string }
  | { readonly type: "list_files"; readonly path: string | null }
  | { readonly type: "search"; readonly query: string | null; readonly path: string | null }
  | { readonly type: "unknown" };

const UNKNOWN: CommandAction = { type: "unknown" };

/** Programs that list a directory, by the flags of theirs that take a value. */
const LISTERS: Readonly<Record<string, readonly string[]>> = {
  ls: ["-I", "-w", "--block-size", "--format", "--time-style", "--color", "--quoting-style"],
  eza: ["-I", "--ignore-glob", "--color", "--sort", "--time-style", "--time"],
  exa: ["-I", "--ignore-glob", "--color", "--sort", "--time-style", "--time"],
  tree: ["-L", "-P", "-I", "--charset", "--filelimit", "--sort"],
  du: ["-d", "--max-depth", "-B", "--block-size", "--exclude", "--time-style"],
};

const RIPGREP_VALUES = [
  "-g",
  "--glob",
  "--iglob",
  "-t",
  "--type",
  "--type-add",
  "--type-not",
  "-m",
  "--max-count",
  "-A",
  "-B",
  "-C",
  "--context",
  "--max-depth",
];
const GREP_VALUES = [
  "-m",
  "--max-count",
  "-C",
  "--context",
  "-A",
  "--after-context",
  "-B",
  "--before-context",
];
const GREP_PATTERNS: ReadonlySet<string> = new Set(["-e", "--regexp", "-f", "--file"]);
const AG_VALUES = [
  "-G",
  "-g",
  "--file-search-regex",
  "--ignore-dir",
  "--ignore-file",
  "--path-to-ignore",
];
const FD_VALUES = ["-t", "--type", "-e", "--extension", "-E", "--exclude", "--search-path"];
const GIT_LIST_VALUES = ["--exclude", "--exclude-from", "--pathspec-from-file"];

/** Texts in a line of Python that lists files. */
const PYTHON_LISTING = /os\.(listdir|walk|scandir)|glob\.i?glob|pathlib\.Path|\.rglob\(/;

/** The action of a command given as its words. */
export function classify(words: readonly string[]): CommandAction {
  const [name = "", ...args] = words;
  const listed = Object.hasOwn(LISTERS, name) ? LISTERS[name] : undefined;
  if (listed !== undefined) return listing(operandsOf(args, listed)[0]);
  switch (name) {
    case "rg":
    case "rga":
    case "ripgrep-all": {
      const [first, second] = wordsWithoutFlags(args, RIPGREP_VALUES);
      return args.includes("--files") ? listing(first) : search(first, second);
    }
    case "grep":
    case "egrep":
    case "fgrep":
      return grep(args);
    case "ag":
    case "ack":
    case "pt": {
      const [query, path] = wordsWithoutFlags(args, AG_VALUES);
      return search(query, path);
    }
    case "git":
      return git(args);
    case "fd":
      return fd(args);
    case "find":
      return find(args);
    default: {
      const path = fileRead(words);
      if (path !== undefined) return { type: "read", path };
      return /^python[\d.]*$/.test(name) && listsFiles(args) ? listing(undefined) : UNKNOWN;
    }
  }
}

function listing(path: string | undefined): CommandAction {
  return { type: "list_files", path: path === undefined ? null : shortPath(path) };
}

function search(query: string | undefined, path: string | undefined): CommandAction {
  return {
    type: "search",
    query: query ?? null,
    path: path === undefined ? null : shortPath(path),
  };
}

/** The pattern is the first operand, or the value of a flag. */
function grep(args: readonly string[]): CommandAction {
  const end = args.indexOf("--");
  const flags = end < 0 ? args : args.slice(0, end);
  const at = flags.findIndex((word) => GREP_PATTERNS.has(word));
  const operands = operandsOf(args, [...GREP_VALUES, ...GREP_PATTERNS]);
  const pattern = at < 0 ? undefined : args[at + 1];
  return pattern === undefined ? search(operands[0], operands[1]) : search(pattern, operands[0]);
}

function git([subcommand, ...args]: readonly string[]): CommandAction {
  if (subcommand === "grep") return grep(args);
  if (subcommand === "ls-files") return listing(operandsOf(args, GIT_LIST_VALUES)[0]);
  return UNKNOWN;
}

/** One operand is a pattern, unless it looks like a path. */
function fd(args: readonly string[]): CommandAction {
  const [first, second] = wordsWithoutFlags(args, FD_VALUES);
  if (first === undefined) return listing(undefined);
  const isPath = second === undefined && (/^\.{1,2}$/.test(first) || /[/\\]/.test(first));
  return isPath ? listing(first) : search(first, second);
}

function find(args: readonly string[]): CommandAction {
  const path = args.find((word) => !/^[-!()]/.test(word));
  const test = args.findIndex((word) => /^-(i?name|path|regex)$/.test(word));
  const query = test < 0 ? undefined : args[test + 1];
  return query === undefined ? listing(path) : search(query, path);
}

function listsFiles(args: readonly string[]): boolean {
  const at = args.indexOf("-c");
  return at >= 0 && PYTHON_LISTING.test(args[at + 1] ?? "");
}
