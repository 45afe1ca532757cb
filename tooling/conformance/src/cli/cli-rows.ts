import { readFileSync, writeFileSync } from "node:fs";
import type { Compatibility } from "@codex-ts/protocol";

/** What a command line ends in, as far as a script around it can tell. */
export interface CliOutcome {
  /** Exit code, or the signal that ended it. */
  readonly exit: number | string | null;
  /** `nothing`, `text`, or the types of the JSON lines. */
  readonly stdout: string;
  /** Kind of the last line of standard error; `null`: none that reports a problem. */
  readonly message: string | null;
}

/** One command line, and what the real programs made of it. */
export interface CliRow {
  readonly name: string;
  readonly args: readonly string[];
  /** Default: empty. */
  readonly stdin?: string;
  /** Lines at the top of `config.toml`. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the server says. Default: a message. */
  readonly script?: "refused" | "failed" | "endless";
  /** Sent when the turn has started. */
  readonly signal?: "SIGINT" | "SIGTERM";
  /** By generation of Codex. */
  readonly codex?: Readonly<Partial<Record<Compatibility, CliOutcome>>>;
  /** Where ours ends differently on purpose: how, and why. */
  readonly own?: Partial<CliOutcome> & { readonly reason: string };
}

/** A kind of problem, and how each program words it. */
interface MessageKind {
  readonly kind: string;
  readonly codex: string;
  readonly own: string;
}

interface CliTable {
  readonly messages: readonly MessageKind[];
  readonly rows: readonly CliRow[];
}

const FILE = new URL("rows.json", import.meta.url);

export function readCliTable(): CliTable {
  return JSON.parse(readFileSync(FILE, "utf8")) as CliTable;
}

export function writeCliTable(table: CliTable): void {
  writeFileSync(FILE, `${JSON.stringify(table, undefined, 2)}\n`);
}

/** How ours has to end where the real program of a generation ended as it did. */
export function expectedOutcome(row: CliRow, codex: CliOutcome): CliOutcome {
  const { reason: _reason, ...own } = row.own ?? {};
  return { ...codex, ...own };
}

/** What a process that has ended told. */
export function outcomeOf(
  { exit, stdout, stderr }: { exit: CliOutcome["exit"]; stdout: string; stderr: string },
  messages: readonly MessageKind[],
  program: "codex" | "own",
): CliOutcome {
  const lines = stderr.split("\n").filter((line) => line !== "");
  const message =
    messages.find(({ [program]: pattern }) => lines.some((line) => new RegExp(pattern).test(line)))
      ?.kind ?? null;
  return { exit, stdout: stdoutKind(stdout), message };
}

function stdoutKind(stdout: string): string {
  if (stdout === "") return "nothing";
  if (!stdout.startsWith("{")) return "text";
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { type, item } = JSON.parse(line) as { type: string; item?: { type: string } };
      return item === undefined ? type : `${type}(${item.type})`;
    })
    .join(", ");
}
