import { basename } from "node:path";
import type { ShellReader } from "./shell-commands.ts";
import { scriptOf } from "./shell-commands.ts";

/** Programs that only read, with any arguments. */
const READERS: ReadonlySet<string> = new Set(
  "cat cd cut echo expr false grep head id ls nl numfmt paste pwd rev seq stat tac tail tr true uname uniq wc which whoami".split(
    " ",
  ),
);

/** Options by which programs that read write, or run others. */
const WRITING_FIND: ReadonlySet<string> = new Set(
  "-exec -execdir -ok -okdir -delete -fls -fprint -fprint0 -fprintf".split(" "),
);
const READING_GIT: ReadonlySet<string> = new Set(["status", "log", "diff", "show"]);
const READING_BRANCH: ReadonlySet<string> = new Set(
  "--list -l --show-current -a --all -r --remotes -v -vv --verbose".split(" "),
);
const LINES_OF_SED = /^\d+(?:,\d+)?p$/;

/** Whether a command is known to change nothing, so that policy `untrusted` lets it run unasked. */
export function isReadOnly(command: readonly string[], reader: ShellReader): boolean {
  if (scriptOf(command) === undefined) return readsOnly(command);
  const { commands, form } = reader.commandsOf(command);
  return form === "plain" && commands.every(readsOnly);
}

function readsOnly([program = "", ...args]: readonly string[]): boolean {
  const name = basename(program);
  switch (name) {
    case "base64":
      return !args.some((arg) => /^(?:-o.*|--output(?:=.*)?)$/s.test(arg));
    case "find":
      return !args.some((arg) => WRITING_FIND.has(arg));
    case "rg":
      return !args.some((arg) =>
        /^(?:--pre|--hostname-bin)(?:=|$)|^(?:--search-zip|-z)$/.test(arg),
      );
    case "git":
      return gitReadsOnly(args);
    case "sed":
      return args[0] === "-n" && args.length <= 3 && LINES_OF_SED.test(args[1] ?? "");
    default:
      return READERS.has(name);
  }
}

/** Options before the subcommand can name programs to run, and other repositories, whose settings can. */
function gitReadsOnly([subcommand = "", ...args]: readonly string[]): boolean {
  if (args.some((arg) => /^--(?:output|ext-diff|textconv|exec|paginate)(?:=|$)/.test(arg)))
    return false;
  if (READING_GIT.has(subcommand)) return true;
  return (
    subcommand === "branch" &&
    args.every((arg) => READING_BRANCH.has(arg) || arg.startsWith("--format="))
  );
}
