import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { runInProcess } from "../support/run-cli.ts";

/** How each shell checks the script in the file `$SCRIPT` without running it. */
const CHECKS: readonly (readonly [shell: string, program: string, args: readonly string[]])[] = [
  ["bash", "bash", ["-c", 'bash -n "$SCRIPT"']],
  ["zsh", "zsh", ["-c", 'zsh -n "$SCRIPT"']],
  ["fish", "fish", ["-c", 'fish --no-execute "$SCRIPT"']],
  [
    "powershell",
    "pwsh",
    [
      "-NoProfile",
      "-NonInteractive",
      "-Command",
      "$errors = $null; [void][System.Management.Automation.Language.Parser]::ParseFile($env:SCRIPT, [ref]$null, [ref]$errors); exit $errors.Count",
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
  test.each(CHECKS)("the script for %s asks this program", async (shell) => {
    const { exitCode, stdout } = await runInProcess(["completion", shell], { cwd: "/" });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/codex-ts["']?.*complete/);
  });

  test.for(CHECKS)("%s finds no mistake in its script", async ([shell, program, args], context) => {
    context.skip(!isThere(program), `${program} is not installed`);
    const { stdout } = await runInProcess(["completion", shell], { cwd: "/" });
    await using directory = await temporaryDirectory();
    const check = async (script: string): Promise<void> => {
      const SCRIPT = join(directory.path, "script");
      await writeFile(SCRIPT, script);
      execFileSync(program, args, { stdio: "pipe", env: { ...process.env, SCRIPT } });
    };
    await check(stdout);
    // Half of it: the check would tell.
    await expect(check(stdout.slice(0, stdout.length / 2))).rejects.toThrow(/Command failed/);
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
