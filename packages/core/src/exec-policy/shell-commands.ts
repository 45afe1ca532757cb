import type * as Unbash from "unbash";
import type { ParsedScript, SyntaxNode } from "unbash";
import type { CommandUnderstanding } from "../compatibility/compatibility-profile.ts";
import { isKnownShell } from "../tools/exec/shell-by-name.ts";
import type { PlainCommands, PlainWord } from "./plain-commands.ts";
import { fedCommand, plainCommands } from "./plain-commands.ts";

/** The commands of a command line, as far as rules can be about them. */
export interface ShellCommands {
  /** Each as its words; the command line as a whole where it has more than plain commands. */
  readonly commands: readonly (readonly string[])[];
  /**
   * Whether it has plain words only, joined by `&&`, `||`, `;`, `|` and line ends; `heredoc`: the command is plain, and what it reads
   * is in the script, too.
   */
  readonly form: "plain" | "heredoc" | "script";
}

type Parser = typeof Unbash;
type Understanding = Pick<CommandUnderstanding, "words" | "heredocs">;

/** A script as it was read. */
interface ReadScript {
  readonly parsed: ParsedScript;
  readonly plain: PlainCommands | undefined;
}

/** Longest script that is looked into. */
const MAX_SCRIPT = 100_000;

/** The script of a shell that is called with `-c` or `-lc`. */
export function scriptOf(command: readonly string[]): string | undefined {
  const [shell = "", flag, script, ...more] = command;
  if (!isKnownShell(shell) || (flag !== "-c" && flag !== "-lc")) return undefined;
  return more.length === 0 ? script : undefined;
}

/** Words as they are written, without their quotes. */
export function rawWords(words: readonly PlainWord[]): readonly string[] {
  return words.map(({ raw }) => raw);
}

/**
 * Reads command lines as bash does. The parser is loaded when the first command is run. A reader reads a script once and keeps it: one
 * reader serves one call.
 */
export class ShellReader {
  readonly #parser: Parser;
  readonly #understanding: Understanding;
  readonly #scripts = new Map<string, ReadScript | undefined>();

  private constructor(parser: Parser, understanding: Understanding) {
    this.#parser = parser;
    this.#understanding = understanding;
  }

  static async load(understanding: Understanding): Promise<ShellReader> {
    return new ShellReader(await import("unbash"), understanding);
  }

  /** The commands of a script that has nothing but plain ones. */
  plainCommands(script: string): PlainCommands | undefined {
    return this.#read(script)?.plain;
  }

  commandsOf(command: readonly string[]): ShellCommands {
    const script = scriptOf(command);
    if (script === undefined) return { commands: [command], form: "plain" };
    const read = this.#read(script);
    if (read?.plain !== undefined) {
      return { commands: read.plain.commands.map(rawWords), form: "plain" };
    }
    const { heredocs, words } = this.#understanding;
    const fed = heredocs === "command" && read && fedCommand(read.parsed, words);
    if (fed) return { commands: [rawWords(fed)], form: "heredoc" };
    return { commands: [command], form: "script" };
  }

  /**
   * Every command in a script, however deep, with its words as bash reads them where it can know them. `undefined`: the script cannot
   * be read.
   */
  everyCommand(script: string): readonly (readonly string[])[] | undefined {
    const read = this.#read(script);
    if (read === undefined) return undefined;
    const commands: (readonly string[])[] = [];
    // A stack of its own: nesting is the model's to choose.
    const left: SyntaxNode[] = [read.parsed];
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      if (node.type === "Command" && node.name !== undefined) {
        const args = node.args.map((arg) => (arg.type === "Word" ? arg.value : arg.text));
        commands.push([node.name.value, ...args]);
      }
      this.#parser.forEachChild(node, (child) => {
        left.push(child);
      });
    }
    return commands;
  }

  /** `undefined` for a script that cannot be read. */
  #read(script: string): ReadScript | undefined {
    if (this.#scripts.has(script)) return this.#scripts.get(script);
    const parsed = this.#parse(script);
    const plain = parsed && plainCommands(script, parsed, this.#understanding.words);
    const read = parsed && { parsed, plain };
    this.#scripts.set(script, read);
    return read;
  }

  #parse(script: string): ParsedScript | undefined {
    if (script.length > MAX_SCRIPT) return undefined;
    try {
      const parsed = this.#parser.parse(script);
      return (parsed.errors ?? []).length === 0 ? parsed : undefined;
    } catch {
      // What the parser gives up on is not understood.
      return undefined;
    }
  }
}
