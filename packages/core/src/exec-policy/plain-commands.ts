import type { ParsedScript, SyntaxNode, Time, Word } from "unbash";
import type { CommandUnderstanding } from "../compatibility/compatibility-profile.ts";

/** Which words are plain. */
type WordRule = CommandUnderstanding["words"];

/** A word of a command. */
export interface PlainWord {
  /** As bash reads it. */
  readonly value: string;
  /** As it is written, without the quotes; escapes stay. */
  readonly raw: string;
}

/** A script of nothing but plain commands, joined by `|`, `&&`, `||`, `;` and line ends. */
export interface PlainCommands {
  readonly commands: readonly (readonly PlainWord[])[];
  readonly hasPipe: boolean;
}

/** Commands of the shell that are syntax of their own to Codex, like `if`. */
const SYNTAX_WORDS: ReadonlySet<string> = new Set(
  "[ declare export local readonly typeset unset unsetenv".split(" "),
);

/** Parts of a word that stand for themselves, or for names of files. */
const BARE_PARTS: ReadonlySet<string> = new Set(["Literal", "Glob", "BraceExpansion"]);

/** `undefined` for a script with anything else: redirections, variables, groups, comments. */
export function plainCommands(
  script: string,
  parsed: ParsedScript,
  rule: WordRule,
): PlainCommands | undefined {
  if (hasComment(script, parsed)) return undefined;
  const collector = new PlainCollector(rule);
  const isPlain = parsed.commands.every(
    ({ command, background }) => background !== true && collector.add(command),
  );
  return isPlain && collector.commands.length > 0 ? collector : undefined;
}

/** The one command of a script that has nothing else but what the command reads. */
export function fedCommand(
  { commands }: ParsedScript,
  rule: WordRule,
): readonly PlainWord[] | undefined {
  const [statement] = commands;
  if (commands.length !== 1 || statement === undefined || statement.background === true) {
    return undefined;
  }
  const { command } = statement;
  if (command.type !== "Command" || command.prefix.length > 0) return undefined;
  const words = command.suffix.filter(({ type }) => type !== "HereDoc");
  return words.length < command.suffix.length ? plainWords(command.name, words, rule) : undefined;
}

/** Between commands there are spaces and connectors, or a comment, which makes a script of plain commands in Codex. */
function hasComment(script: string, { commands }: ParsedScript): boolean {
  let at = 0;
  for (const { pos, end } of commands) {
    if (script.slice(at, pos).includes("#")) return true;
    at = end;
  }
  return script.slice(at).includes("#");
}

class PlainCollector implements PlainCommands {
  readonly commands: (readonly PlainWord[])[] = [];
  hasPipe = false;
  readonly #rule: WordRule;

  constructor(rule: WordRule) {
    this.#rule = rule;
  }

  /** Whether it is plain. */
  add(node: SyntaxNode): boolean {
    if (node.type === "AndOr") return node.commands.every((part) => this.add(part));
    if (node.type === "Pipeline") {
      if (node.operators.some((operator) => operator !== "|")) return false;
      this.hasPipe ||= node.operators.length > 0;
      // `time` is the program of its command in Codex; `!` makes a script.
      const [time, ...others] = node.prefixes;
      if (time?.type === "Negation" || others.length > 0) return false;
      const first = this.commands.length;
      if (!node.commands.every((part) => this.add(part))) return false;
      if (time !== undefined) {
        this.commands[first] = [...wordsOfTime(time), ...(this.commands[first] ?? [])];
      }
      return true;
    }
    if (node.type !== "Command" || node.prefix.length > 0) return false;
    const words = plainWords(node.name, node.suffix, this.#rule);
    if (words !== undefined) this.commands.push(words);
    return words !== undefined;
  }
}

function wordsOfTime({ posix, endOfOptions }: Time): readonly PlainWord[] {
  const words = ["time", ...(posix ? ["-p"] : []), ...(endOfOptions ? ["--"] : [])];
  return words.map((word) => ({ value: word, raw: word }));
}

function plainWords(
  name: Word | undefined,
  suffix: readonly SyntaxNode[],
  rule: WordRule,
): readonly PlainWord[] | undefined {
  if (name === undefined || !namesProgram(name)) return undefined;
  const words: PlainWord[] = [];
  for (const node of [name, ...suffix]) {
    const word = plainWord(node, rule);
    if (word === undefined) return undefined;
    words.push(word);
  }
  return words;
}

/** Whether a word can name the program of a plain command. */
function namesProgram({ text, parts = [] }: Word): boolean {
  if (SYNTAX_WORDS.has(text)) return false;
  return parts.every(({ type }) => type !== "SingleQuoted" && type !== "DoubleQuoted");
}

/** `undefined` for what only a running shell knows. */
function plainWord(node: SyntaxNode, rule: WordRule): PlainWord | undefined {
  // What `alias` is given.
  if (node.type === "Assignment") {
    const { text } = node;
    const isPlain = !/["'$`\\(]/.test(text) && isBarePlain(text, rule);
    return isPlain ? { value: text, raw: text } : undefined;
  }
  if (node.type !== "Word") return undefined;
  const { text, value, parts = [] } = node;
  if (parts.length === 0) return isBarePlain(text, rule) ? { value, raw: text } : undefined;
  let raw = "";
  for (const part of parts) {
    if (part.type === "SingleQuoted") raw += part.value;
    else if (part.type === "DoubleQuoted") {
      const inner = part.text.slice(1, -1);
      const isText = part.parts.every(({ type }) => type === "Literal");
      if (!isText || !isQuotedPlain(inner, rule)) return undefined;
      raw += inner;
    } else if (BARE_PARTS.has(part.type) && isBarePlain(part.text, rule)) raw += part.text;
    else return undefined;
  }
  return { value, raw };
}

function isBarePlain(text: string, rule: WordRule): boolean {
  return rule === "any" || !/[*?[\]{}~#^\\]/.test(text);
}

function isQuotedPlain(inner: string, rule: WordRule): boolean {
  return rule === "any" || !/\\["$`\\\n]/.test(inner);
}
