import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { runInProcess } from "../support/run-cli.ts";

/** How each shell checks a script without running it. */
const CHECKS: readonly (readonly [shell: string, program: string, args: readonly string[]])[] = [
  ["bash", "bash", ["-n"]],
  ["zsh", "zsh", ["-n"]],
  ["fish", "fish", ["--no-execute"]],
  [
    "powershell",
    "pwsh",
    [
      "-NoProfile",
      "-Command",
      "$e = $null; [void][System.Management.Automation.Language.Parser]::ParseFile($args[0], [ref]$null, [ref]$e); exit $e.Count",
    ],
  ],
];

function isThere(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function complete(...words: readonly string[]): Promise<string[]> {
  const { exitCode, stdout } = await runInProcess(["complete", "--", ...words], { cwd: "/" });
  expect(exitCode).toBe(0);
  return stdout
    .split("\n")
    .filter((line) => line.includes("\t"))
    .map((line) => line.split("\t")[0] ?? "");
}

describe("[cli/completion] completion", () => {
  test.each(CHECKS)("the script for %s asks this program", async (shell, program, args) => {
    const { exitCode, stdout } = await runInProcess(["completion", shell], { cwd: "/" });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/codex-ts["']?.*complete/);
    if (!isThere(program)) return;
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "script");
    await writeFile(file, stdout);
    execFileSync(program, [...args, file], { stdio: "pipe" });
  });

  test("completes commands, their options, those of the command above, and choices", async () => {
    expect(await complete("tra")).toEqual(["trace"]);
    expect(await complete("exec", "re")).toEqual(["resume", "review"]);
    expect(await complete("exec", "--sand")).toEqual(["--sandbox"]);
    expect(await complete("exec", "resume", "--la")).toEqual(["--last"]);
    expect(await complete("exec", "resume", "--mod")).toEqual(["--model"]);
    expect(await complete("completion", "f")).toEqual(["fish"]);
  });

  test("a shell nobody knows is a mistake", async () => {
    const result = await runInProcess(["completion", "tcsh"], { cwd: "/" });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
  });
});
