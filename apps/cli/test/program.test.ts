import { beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../src/command-bucket.ts";
import { runInProcess } from "./support/run-cli.ts";

// Loaded here, so that no test pays for it.
beforeAll(() => import("../src/commands/exec.ts"), 60_000);

describe("the command line", () => {
  test.each(["", ...COMMANDS])(
    '[cli/help] "codex-ts %s --help" explains itself',
    async (command) => {
      const words = command.split(" ").filter((word) => word !== "");
      const { exitCode, stdout, stderr } = await runInProcess([...words, "--help"], { cwd: "/" });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toContain(`Usage: ${["codex-ts", ...words].join(" ")} `);
      const isGroup = ["trace", "debug", "config", "features", "mcp"].includes(command);
      expect(stdout).toContain(isGroup ? "Commands:" : "Examples:");
      expect(stdout).toContain("--verbose");
      expect(stdout).not.toMatch(/default: (none|\[\])|experimental|--api-key\b/);
    },
  );

  test("prints its version", async () => {
    const { exitCode, stdout } = await runInProcess(["--version"], { cwd: "/" });
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });

  test.each([
    [["exce"], /unknown command "exce": did you mean exec\?/],
    [["trace", "shwo", "x"], /unknown command "trace shwo": did you mean show\?/],
    [["debug", "reduce"], /unknown command "debug reduce": /],
    [
      ["zzzzzz"],
      /unknown command "zzzzzz": try exec, chat, resume, app-server, login, logout, mcp, trace, debug, config, features, doctor, completion, demo/,
    ],
    [["--", "exce"], /unknown command "exce"/],
    [["trace"], /needs a command: reduce, show, doctor, ledger, view, diff, list, tail/],
    [["trace", "reduce"], /missing required argument 'bundle'/],
    [["exec", "--nope", "hi"], /unknown option '--nope'/],
    [["exec", "-m"], /argument missing/],
    [["exec", "one", "two"], /too many arguments/],
    [["exec", "-c", "novalue", "--skip-git-repo-check", "hi"], /-c novalue: expected key=value/],
    [["exec"], /no prompt/],
    [["-m", "gpt-5", "exec", "hi"], /write the options of exec behind it/],
    [["chat", "--ask-for-approval", "ever"], /a chat needs a terminal/],
    [["fix the test"], /a chat needs a terminal; codex-ts exec/],
    [["resume", "--last", "an id", "hi"], /the id of a session or --last, not both/],
  ])("[cli/usage] %j is a usage error on one line", async (args, message) => {
    const skipCheck =
      args.length === 1 && args[0] === "exec" ? ["--skip-git-repo-check", "-m", "m"] : [];
    const result = await runInProcess([...args, ...skipCheck], { cwd: "/" });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(result.stderr).toMatch(message);
  });

  test("terminal control sequences in an argument do not come back in the error", async () => {
    const { stderr } = await runInProcess(["\u001b[2Jx"], { cwd: "/" });
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
