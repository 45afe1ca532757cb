import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compatibilityProfile } from "@codex-ts/core";
import { removesByForce } from "../../src/exec-policy/forced-removal.ts";
import { isReadOnly } from "../../src/exec-policy/read-only-command.ts";
import { ShellReader } from "../../src/exec-policy/shell-commands.ts";

function recorded(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
}

const GENERATIONS = ["0.171", "0.140"] as const;
type ByGeneration<Value> = { readonly [generation in (typeof GENERATIONS)[number]]?: Value };

/** A line continued inside of a word is two words to Codex, and a script here: the user is asked about all of it. */
const NOT_UNDERSTOOD = "a\\\nb";

const understandingOf = (generation: "0.171" | "0.140") =>
  compatibilityProfile(generation).commands.approvals;

const command = (script: string): string[] => ["/bin/bash", "-lc", script];

describe.each(GENERATIONS)("command lines as %s reads them", (generation) => {
  // The first of the commands is what it proposes to allow; the whole line where it is no plain one.
  const rows = (
    recorded("recorded-scripts.json") as readonly (ByGeneration<"script" | readonly string[]> & {
      readonly script: string;
    })[]
  ).filter((row) => row[generation] !== undefined && row.script !== NOT_UNDERSTOOD);

  test.each(rows)("[core/approval-commands] $script", async (row) => {
    const reader = await ShellReader.load(understandingOf(generation));
    const { commands, form } = reader.commandsOf(command(row.script));
    expect(form === "script" ? form : commands[0]).toEqual(row[generation]);
  });

  test.each(
    (
      recorded("recorded-removals.json") as readonly (ByGeneration<boolean> & {
        readonly script: string;
      })[]
    ).filter((row) => row[generation] !== undefined),
  )("[core/approval-removal] $script", async (row) => {
    const understanding = understandingOf(generation);
    const reader = await ShellReader.load(understanding);
    const { commands } = reader.commandsOf(command(row.script));
    const { forcedRemoval } = understanding;
    expect(commands.some((one) => removesByForce(one, reader, forcedRemoval))).toBe(
      row[generation],
    );
  });
});

test.each(
  recorded("recorded-read-only.json") as readonly {
    readonly script: string;
    readonly runs: boolean;
  }[],
)(
  "[core/approval-untrusted] commands that run unasked under the policy untrusted: $script",
  async ({ script, runs }) => {
    const reader = await ShellReader.load(understandingOf("0.140"));
    const { commands, form } = reader.commandsOf(command(script));
    expect(form === "plain" && commands.every((one) => isReadOnly(one, reader))).toBe(runs);
  },
);

test("[core/approval-commands] a heredoc is part of its command in 0.140, and makes a script in 0.171", async () => {
  const script = "tool run <<'EOF'\nx\nEOF";
  const older = await ShellReader.load(understandingOf("0.140"));
  expect(older.commandsOf(command(script))).toEqual({
    commands: [["tool", "run"]],
    form: "heredoc",
  });
  const newer = await ShellReader.load(understandingOf("0.171"));
  expect(newer.commandsOf(command(script)).form).toBe("script");
});

test("[core/approval-hostile] deep and long scripts are scripts, and what is removed in them is found", async () => {
  const understanding = understandingOf("0.171");
  const reader = await ShellReader.load(understanding);
  const deep = `${"( ".repeat(20_000)}rm -rf x${" )".repeat(20_000)}`;
  expect(reader.commandsOf(command(deep)).form).toBe("script");
  expect(reader.commandsOf(command("a;".repeat(200_000))).form).toBe("script");
  const nested = `${"( ".repeat(30)}rm -rf x${" )".repeat(30)}`;
  const { forcedRemoval } = understanding;
  for (const script of [nested, deep, `${"a;".repeat(200_000)}rm -rf x`, 'rm -rf "x']) {
    expect(removesByForce(command(script), reader, forcedRemoval)).toBe(true);
  }
  expect(removesByForce(command('farm "x -f'), reader, forcedRemoval)).toBe(false);
});
