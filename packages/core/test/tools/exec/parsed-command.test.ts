import { readFileSync } from "node:fs";
import type { ParsedCommand } from "@codex-ts/protocol";
import { compatibilityProfile } from "@codex-ts/core";
import { describe, expect, test } from "vitest";
import { ShellReader } from "../../../src/exec-policy/shell-commands.ts";
import { parseCommand } from "../../../src/tools/exec/parsed-command/parse-command.ts";

type Generation = "0.140" | "0.171";

/** What real programs said of a script; both generations the same, or each its own. */
interface Row extends Partial<Readonly<Record<Generation | "actions", readonly ParsedCommand[]>>> {
  readonly script: string;
  /** Ours says something else, see docs/behavior/core-tools.md 2.4. */
  readonly gap?: true;
}

const ROWS = readFileSync(new URL("parsed-commands.jsonl", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Row);

const parse = async (
  script: string,
  generation: Generation,
  shell = "/bin/bash",
): Promise<readonly ParsedCommand[]> => {
  const reader = await ShellReader.load(compatibilityProfile(generation).commands.approvals);
  return parseCommand([shell, "-lc", script], reader);
};

describe.each(["0.140", "0.171"] as const)("as %s", (generation) => {
  const expected = (row: Row): readonly ParsedCommand[] => row.actions ?? row[generation] ?? [];
  const different = async (rows: readonly Row[]): Promise<unknown[]> => {
    const found = [];
    for (const row of rows) {
      const actions = await parse(row.script, generation);
      if (JSON.stringify(actions) !== JSON.stringify(expected(row))) {
        found.push({ script: row.script, actions, expected: expected(row) });
      }
    }
    return found;
  };

  test("[core/parsed-command] scripts mean what they mean to the real program", async () => {
    const rows = ROWS.filter(({ gap }) => gap !== true);
    expect(rows.length).toBeGreaterThan(380);
    expect(await different(rows)).toEqual([]);
  });

  test.fails("[core/parsed-command-gaps] words of scripts as Codex splits them", async () => {
    expect(await different(ROWS.filter(({ gap }) => gap === true))).toEqual([]);
  });

  test("[core/parsed-command-hostile] what cannot be looked into is one unknown command", async () => {
    const scripts = [
      "",
      "\0",
      "cat 'a",
      `cat ${"x".repeat(200_000)}`,
      `${"(".repeat(5000)}cat a${")".repeat(5000)}`,
      `cat a${" | sort".repeat(10_000)}; constructor; __proto__ x`,
    ];
    for (const script of scripts) {
      expect(await parse(script, generation)).toEqual([{ type: "unknown", cmd: script }]);
    }
    expect(await parse("cat a", generation, "/usr/bin/fish")).toEqual([
      { type: "unknown", cmd: "cat a" },
    ]);
  });
});
