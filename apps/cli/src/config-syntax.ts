import { isSecretName } from "@codex-ts/api/internal";
import { MODEL_PROVIDER_KEYS } from "@codex-ts/model-provider";
import { TomlError } from "smol-toml";
import { CONFIG_KEYS } from "./config-schema.ts";
import { CommandError } from "./errors.ts";

/** The error of a file that is no TOML: the place and what to do on one line, then the line itself with a caret. */
export function tomlProblem(file: string, text: string, error: unknown): CommandError {
  if (!(error instanceof TomlError)) return new CommandError(`${file}: no valid TOML`);
  const { line, column } = error;
  const problem = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "") ?? "";
  const lines = text.split(/\r\n|\n/);
  const source = lines[line - 1] ?? "";
  return new CommandError(
    `${file}:${line}:${column}: no valid TOML: ${problem}; ${adviceFor(problem, source, column)}`,
    {
      details: excerpt({ line, column, source: withoutSecrets(source, headerAbove(lines, line)) }),
    },
  );
}

function adviceFor(problem: string, source: string, column: number): string {
  if (/[\u201c-\u201f\u2018-\u201b\u00ab\u00bb]/.test(source)) {
    return "the quotes are typographic ones, write \" or '";
  }
  if (/escape/.test(problem)) {
    return `a backslash within "…" begins an escape, write the text in '…' instead`;
  }
  if (problem === "invalid value") {
    return /=\s*(True|False|TRUE|FALSE)\b/.test(source)
      ? "write true or false in lower case"
      : 'put text in quotes, key = "text"';
  }
  const isAtLineEnd = column > source.length && /string/.test(problem);
  if (/unfinished string/.test(problem) || isAtLineEnd) return "add the closing quote";
  if (/redefine/.test(problem)) return "this key or table is there twice, keep one";
  if (/expected comma|end of structure/.test(problem)) return "add the missing comma or bracket";
  if (/end-of-line/.test(problem)) return "write one key = value per line";
  if (/key/.test(problem)) return keyAdvice(source);
  return "correct this line";
}

function keyAdvice(source: string): string {
  const trimmed = source.trim();
  if (/^[{}]/.test(trimmed)) return "this is JSON, write TOML: one key = value per line";
  if (trimmed.startsWith("[")) {
    return "a table begins with its name in brackets, [model_providers.NAME]";
  }
  if (/^[\w."'-]+\s*:/.test(trimmed)) return "write = instead of :";
  return 'write key = "text", names with other characters in quotes';
}

/** Their values are credentials, or a key was pasted there that belongs into the variable. */
export const HIDDEN_KEYS: ReadonlySet<string> = new Set([
  "env_key",
  "experimental_bearer_token",
  "http_headers",
  "model_providers",
  "query_params",
]);
/** Keys whose values are shown; of a key nobody knows, nobody knows what it holds. */
const SHOWN_KEYS: ReadonlySet<string> = new Set(
  [...CONFIG_KEYS, ...MODEL_PROVIDER_KEYS].filter((key) => !HIDDEN_KEYS.has(key)),
);
/** Tables whose keys are named by others: any value there may be a credential. */
const HIDDEN_TABLE = /headers|query_params|env|auth|mcp_servers|otel/;
/** Patterns of credentials, wherever they stand: the user and query of a URL, bearer values, JWTs, keys. */
const CREDENTIAL =
  /(?<=\/\/)[^/\s"']*(?=@)|\?[^\s"']*|bearer\s+\S+|\bey[\w-]+\.[\w.-]+|\b(?:sk|at)-[\w-]{4,}/gi;

/** A text with everything hidden that looks like a credential. */
export function hideCredentials(text: string): string {
  return text.replace(CREDENTIAL, hidden);
}

/** The same for arguments of a program, of which some follow the option that says what they are. */
export function hideArguments(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const [, option = "", value = ""] = /^(-[^=]*)=(.*)$/s.exec(arg) ?? [];
    if (isSecretName(option)) return `${option}=${hidden(value)}`;
    const before = args[index - 1] ?? "";
    const isValue = before.startsWith("-") && isSecretName(before) && !arg.startsWith("-");
    return isValue ? hidden(arg) : hideCredentials(arg);
  });
}

/** The line with every value hidden that might be a credential, each character by one, so that columns stay. */
function withoutSecrets(source: string, header: string): string {
  const [, parents = "", key = ""] =
    /^\s*([\w."'-]+\.)?["']?([\w-]+)["']?\s*(?:[=:\s]|$)/.exec(source) ?? [];
  const isTable = /^\s*\[/.test(source);
  const isShown = SHOWN_KEYS.has(key) && !HIDDEN_TABLE.test(header + parents);
  if (isTable || isShown) return hideCredentials(source);
  const start = /^\s*[\w.-]+\s*[=:]/.exec(source)?.[0].length ?? 0;
  return source.slice(0, start) + hidden(source.slice(start));
}

function hidden(text: string): string {
  return text.replaceAll(/\S/gu, (character) => "*".repeat(character.length));
}

function headerAbove(lines: readonly string[], line: number): string {
  return lines.slice(0, line).findLast((text) => /^\s*\[/.test(text)) ?? "";
}

/** Columns shown of a long line. */
const MAX_COLUMNS = 100;

function excerpt(at: {
  readonly line: number;
  readonly column: number;
  readonly source: string;
}): string {
  const start = Math.max(0, Math.min(at.column - MAX_COLUMNS / 2, at.source.length - MAX_COLUMNS));
  const shown = at.source.slice(start, start + MAX_COLUMNS);
  // Tabs stay tabs, so that the caret stands below its character.
  const indent = shown.slice(0, at.column - 1 - start).replaceAll(/[^\t]/g, " ");
  const margin = String(at.line);
  return `${margin} | ${shown.toWellFormed()}\n${" ".repeat(margin.length)} | ${indent}^`;
}
