import { basename } from "node:path";
import type * as Unbash from "unbash";
import type { ParsedScript, SyntaxNode, Time, Word } from "unbash";
import type { CommandUnderstanding } from "../compatibility/compatibility-profile.ts";

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

const SHELLS: ReadonlySet<string> = new Set(["bash", "zsh", "sh"]);

/** Parts of a word that stand for themselves, or for names of files. */
const BARE_PARTS: ReadonlySet<string> = new Set(["Literal", "Glob", "BraceExpansion"]);

/** Commands of the shell that are syntax of their own to Codex, like `if`. */
const SYNTAX_WORDS: ReadonlySet<string> = new Set(
  "[ declare export local readonly typeset unset unsetenv".split(" "),
);

/** Longest script that is looked into. */
const MAX_SCRIPT = 100_000;

/** The script of a shell that is called with `-c` or `-lc`. */
export function scriptOf(command: readonly string[]): string | undefined {
  const [shell = "", flag, script, ...more] = command;
  if (!SHELLS.has(basename(shell)) || (flag !== "-c" && flag !== "-lc")) return undefined;
  return more.length === 0 ? script : undefined;
}

/** Reads command lines as bash does; the parser is loaded when the first command is run. */
export class ShellReader {
  readonly #parser: Parser;
  readonly #understanding: Understanding;

  private constructor(parser: Parser, understanding: Understanding) {
    this.#parser = parser;
    this.#understanding = understanding;
  }

  static async load(understanding: Understanding): Promise<ShellReader> {
    return new ShellReader(await import("unbash"), understanding);
  }

  commandsOf(command: readonly string[]): ShellCommands {
    const script = scriptOf(command);
    if (script === undefined) return { commands: [command], form: "plain" };
    const parsed = this.#parse(script);
    const plain = parsed && this.#plainCommands(script, parsed);
    if (plain !== undefined) return { commands: plain, form: "plain" };
    const fed = this.#understanding.heredocs === "command" && parsed && this.#fedCommand(parsed);
    if (fed) return { commands: [fed], form: "heredoc" };
    return { commands: [command], form: "script" };
  }

  /**
   * Every command in a script, however deep, with its words as bash reads them where it can know them. `undefined`: the script cannot
   * be read.
   */
  everyCommand(script: string): readonly (readonly string[])[] | undefined {
    const parsed = this.#parse(script);
    if (parsed === undefined) return undefined;
    const commands: (readonly string[])[] = [];
    // A stack of its own: nesting is the model's to choose.
    const left: SyntaxNode[] = [parsed];
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

  #plainCommands(script: string, parsed: ParsedScript): readonly (readonly string[])[] | undefined {
    if (hasComment(script, parsed)) return undefined;
    const commands: (readonly string[])[] = [];
    for (const { command, background } of parsed.commands) {
      if (background === true || !this.#collect(command, commands)) return undefined;
    }
    return commands.length === 0 ? undefined : commands;
  }

  #collect(node: SyntaxNode, commands: (readonly string[])[]): boolean {
    if (node.type === "AndOr") {
      return node.commands.every((part) => this.#collect(part, commands));
    }
    if (node.type === "Pipeline") {
      if (node.operators.some((operator) => operator !== "|")) return false;
      // `time` is the program of its command in Codex; `!` makes a script.
      const [time, ...others] = node.prefixes;
      if (time?.type === "Negation" || others.length > 0) return false;
      const first = commands.length;
      if (!node.commands.every((part) => this.#collect(part, commands))) return false;
      if (time !== undefined) commands[first] = [...wordsOf(time), ...(commands[first] ?? [])];
      return true;
    }
    if (node.type !== "Command" || node.prefix.length > 0) return false;
    const words = this.#words(node.name, node.suffix);
    if (words !== undefined) commands.push(words);
    return words !== undefined;
  }

  /** The one command of a script that has nothing else but what the command reads. */
  #fedCommand({ commands }: ParsedScript): readonly string[] | undefined {
    const [statement] = commands;
    if (commands.length !== 1 || statement === undefined || statement.background === true)
      return undefined;
    const { command } = statement;
    if (command.type !== "Command" || command.prefix.length > 0) return undefined;
    const words = command.suffix.filter(({ type }) => type !== "HereDoc");
    return words.length < command.suffix.length ? this.#words(command.name, words) : undefined;
  }

  #words(name: Word | undefined, suffix: readonly SyntaxNode[]): readonly string[] | undefined {
    if (name === undefined || !isBare(name)) return undefined;
    const words: string[] = [];
    for (const word of [name, ...suffix]) {
      const value = this.#valueOf(word);
      if (value === undefined) return undefined;
      words.push(value);
    }
    return words;
  }

  /** The text of a word that stands for itself, without its quotes; escapes stay as written. */
  #valueOf(node: SyntaxNode): string | undefined {
    // What `alias` is given.
    if (node.type === "Assignment") {
      return /["'$`\\(]/.test(node.text) ? undefined : this.#bareText(node.text);
    }
    if (node.type !== "Word") return undefined;
    const { text, parts = [] } = node;
    if (parts.length === 0) return this.#bareText(text);
    const values = parts.map((part) => {
      if (part.type === "SingleQuoted") return part.value;
      if (part.type === "DoubleQuoted") {
        return part.parts.every(({ type }) => type === "Literal")
          ? this.#quotedText(part.text.slice(1, -1))
          : undefined;
      }
      return BARE_PARTS.has(part.type) ? this.#bareText(part.text) : undefined;
    });
    return values.includes(undefined) ? undefined : values.join("");
  }

  #bareText(text: string): string | undefined {
    const isLiteral = !/[*?[\]{}~#^\\]/.test(text);
    return this.#understanding.words === "any" || isLiteral ? text : undefined;
  }

  #quotedText(text: string): string | undefined {
    const isLiteral = !/\\["$`\\\n]/.test(text);
    return this.#understanding.words === "any" || isLiteral ? text : undefined;
  }
}

function wordsOf({ posix, endOfOptions }: Time): readonly string[] {
  return ["time", ...(posix ? ["-p"] : []), ...(endOfOptions ? ["--"] : [])];
}

/** Whether a word can name the program of a plain command. */
function isBare({ text, parts = [] }: Word): boolean {
  if (SYNTAX_WORDS.has(text)) return false;
  return parts.every(({ type }) => type !== "SingleQuoted" && type !== "DoubleQuoted");
}

/** A comment makes a script of plain commands in Codex. */
function hasComment(script: string, { commands }: ParsedScript): boolean {
  let at = 0;
  for (const { pos, end } of commands) {
    if (script.slice(at, pos).includes("#")) return true;
    at = end;
  }
  return script.slice(at).includes("#");
}
