import type { ParsedScript, SyntaxNode, Word, WordPart, parse } from "unbash";
import type { CommandForm } from "../../../compatibility/compatibility-profile.ts";

type Parser = { readonly parse: typeof parse };

/** Longest script that is looked into. */
const MAX_SCRIPT = 100_000;

/** A word of a command. */
export interface PlainWord {
  /** As bash reads it. */
  readonly value: string;
  /** As it is written, without the quotes. */
  readonly raw: string;
}

/** A script of nothing but plain commands, joined by `|`, `&&`, `||`, `;` and line ends. */
export interface PlainCommands {
  readonly commands: readonly (readonly PlainWord[])[];
  readonly hasPipe: boolean;
}

let parser: Promise<Parser> | undefined;

/** Reads a script; `undefined` for one with anything else: redirections, variables, groups, comments, errors. */
export async function plainCommands(
  script: string,
  form: Pick<CommandForm, "plainWords">,
): Promise<PlainCommands | undefined> {
  if (script.length > MAX_SCRIPT) return undefined;
  parser ??= import("unbash");
  const { parse: read } = await parser;
  let parsed: ParsedScript;
  try {
    parsed = read(script);
  } catch {
    // What the parser gives up on is not understood.
    return undefined;
  }
  if ((parsed.errors ?? []).length > 0 || hasComment(script, parsed)) return undefined;
  const reader = new Reader(form.plainWords);
  const isPlain = parsed.commands.every(
    ({ command, background }) => background !== true && reader.read(command),
  );
  return isPlain && reader.commands.length > 0 ? reader : undefined;
}

/** Between commands there are spaces and connectors, or a comment. */
function hasComment(script: string, parsed: ParsedScript): boolean {
  let end = 0;
  let between = "";
  for (const statement of parsed.commands) {
    between += script.slice(end, statement.pos);
    end = statement.end;
  }
  return (between + script.slice(end)).includes("#");
}

class Reader implements PlainCommands {
  readonly commands: (readonly PlainWord[])[] = [];
  hasPipe = false;
  readonly #allowed: CommandForm["plainWords"];

  constructor(allowed: CommandForm["plainWords"]) {
    this.#allowed = allowed;
  }

  read(node: SyntaxNode): boolean {
    if (node.type === "AndOr") return node.commands.every((part) => this.read(part));
    if (node.type === "Pipeline") {
      if (node.prefixes.length > 0 || node.operators.some((operator) => operator !== "|"))
        return false;
      this.hasPipe ||= node.operators.length > 0;
      return node.commands.every((part) => this.read(part));
    }
    if (node.type !== "Command") return false;
    const { name, prefix, suffix } = node;
    if (name === undefined || prefix.length > 0 || isQuoted(name)) return false;
    const words: PlainWord[] = [];
    for (const word of [name, ...suffix]) {
      const plain = word.type === "Word" ? this.#word(word) : undefined;
      if (plain === undefined) return false;
      words.push(plain);
    }
    this.commands.push(words);
    return true;
  }

  #word({ text, value, parts }: Word): PlainWord | undefined {
    const raws = parts === undefined ? [this.#bare(text)] : parts.map((part) => this.#part(part));
    if (raws.includes(undefined)) return undefined;
    return { value, raw: raws.join("") };
  }

  /** `undefined` for what only a running shell knows. */
  #part(part: WordPart): string | undefined {
    if (part.type === "SingleQuoted") return part.value;
    if (part.type === "DoubleQuoted") {
      const inner = part.text.slice(1, -1);
      const isText = part.parts.every(({ type }) => type === "Literal");
      return isText && this.#isAllowed(inner, /\\["\\$`\n]/) ? inner : undefined;
    }
    const isBare = part.type === "Literal" || part.type === "Glob";
    return isBare || part.type === "BraceExpansion" ? this.#bare(part.text) : undefined;
  }

  #bare(text: string): string | undefined {
    return this.#isAllowed(text, /[\\*?[\]{}~#^]/) ? text : undefined;
  }

  #isAllowed(text: string, special: RegExp): boolean {
    return this.#allowed === "with_patterns" || !special.test(text);
  }
}

function isQuoted({ parts = [] }: Word): boolean {
  return parts.some(({ type }) => type === "SingleQuoted" || type === "DoubleQuoted");
}
