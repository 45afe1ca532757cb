import { posix } from "node:path";
import type { ParsedCommand } from "@codex-ts/protocol";
import type { PlainCommands, PlainWord } from "../../../exec-policy/plain-commands.ts";
import { rawWords } from "../../../exec-policy/shell-commands.ts";
import type { ShellReader } from "../../../exec-policy/shell-commands.ts";
import { isKnownShell } from "../shell-by-name.ts";
import { shellJoin } from "../shell-quote.ts";
import { classify } from "./classify.ts";
import { isFormatting } from "./formatting-commands.ts";
import { operandsOf, shortPath } from "./operands.ts";

const CONNECTORS: ReadonlySet<string> = new Set(["|", "||", "&&", ";"]);

/**
 * The actions of a command of the form `[shell, "-lc", script]`, for clients to show: files it reads, lists and searches, in
 * order. A script with anything else is one `unknown`.
 */
export function parseCommand(
  command: readonly string[],
  reader: ShellReader,
): readonly ParsedCommand[] {
  const [shell = "", , script = ""] = command;
  const unknown: readonly ParsedCommand[] = [{ type: "unknown", cmd: script }];
  if (!isKnownShell(shell)) return unknown;
  const plain = reader.plainCommands(script);
  return (plain && actionsOf(script, plain)) ?? unknown;
}

/** `undefined` when there is more to the script than such actions. */
function actionsOf(script: string, plain: PlainCommands): readonly ParsedCommand[] | undefined {
  const { commands } = plain;
  const isAlone = commands.length === 1;
  const telling = isAlone ? commands : commands.filter((words) => !isFormatting(rawWords(words)));
  if (telling.length === 0) return undefined;
  const actions: ParsedCommand[] = [];
  let directory = "";
  for (const words of telling) {
    const [name, ...args] = rawWords(words);
    if (name === "cd") directory = changed(directory, args);
    else {
      const place = { isFirst: actions.length === 0, isLast: words === telling.at(-1) };
      const isOnly = telling.length === 1;
      if (isOnly || !addsNothing(rawWords(words), place)) actions.push(parsed(words, directory));
    }
  }
  if (actions.some(({ type }) => type === "unknown")) return undefined;
  const distinct = actions.filter(
    (action, index) => JSON.stringify(action) !== JSON.stringify(actions[index - 1]),
  );
  const [only, ...others] = distinct;
  if (only === undefined || others.length > 0) return distinct;
  return [{ ...only, cmd: shown(only, { script, plain, isAlone }) }];
}

/** An `echo` before all others, and `true` anywhere. */
function addsNothing(
  [name, ...args]: readonly string[],
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
): boolean {
  return (name === "echo" && isFirst && !isLast) || (name === "true" && args.length === 0);
}

function parsed(words: readonly PlainWord[], directory: string): ParsedCommand {
  const action = classify(rawWords(words));
  const cmd = shellJoin(rawWords(words));
  switch (action.type) {
    case "read": {
      const path = directory === "" ? action.path : below(directory, action.path);
      return { type: "read", cmd, name: shortPath(action.path), path };
    }
    case "list_files":
      return { type: "list_files", cmd, path: action.path };
    case "search":
      return { type: "search", cmd, query: action.query, path: action.path };
    case "unknown":
      return { type: "unknown", cmd };
    default:
      return action satisfies never;
  }
}

/** How the only action of a script is written: a part of a file that a pipe cuts out as the whole script. */
function shown(
  { type, cmd }: ParsedCommand,
  {
    script,
    plain: { commands, hasPipe },
    isAlone,
  }: { readonly script: string; readonly plain: PlainCommands; readonly isAlone: boolean },
): string {
  const words = commands.flat().map(({ value }) => value);
  if (isAlone && !words.some((word) => CONNECTORS.has(word))) return shellJoin(words);
  const cutsLines = words.some((word, index) => word === "sed" && words[index + 1] === "-n");
  return type === "read" && hasPipe && cutsLines && /\s\|\s/.test(script) ? script : cmd;
}

/** The directory after a `cd`; one that cannot be known leaves it where it is. */
function changed(directory: string, args: readonly string[]): string {
  const target = operandsOf(args).at(-1);
  if (target === undefined) return directory;
  return directory === "" ? target : below(directory, target);
}

function below(directory: string, path: string): string {
  return path.startsWith("/") ? path : posix.join(directory, path);
}
