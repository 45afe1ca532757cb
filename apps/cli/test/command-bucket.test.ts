import type { Command } from "commander";
import { expect, test } from "vitest";
import { COMMANDS, commandBucket } from "../src/command-bucket.ts";
import { createProgram } from "../src/program.ts";
import { processWith } from "./support/run-cli.ts";

/** Those that exist; a hidden one is only a refusal. */
function pathsBelow(group: Command): string[] {
  const visible = new Set(group.createHelp().visibleCommands(group));
  const commands = group.commands.filter((command) => visible.has(command));
  return commands.flatMap((command) => {
    const below = pathsBelow(command).map((path) => `${command.name()} ${path}`);
    return [command.name(), ...below];
  });
}

test("every command of the program has compiled code of its own, and nothing else has", () => {
  const program = createProgram(processWith({ cwd: "/" }), () => undefined);
  expect([...COMMANDS].toSorted()).toEqual(pathsBelow(program).toSorted());
  const buckets = [...COMMANDS].map((path) => commandBucket(path.split(" ")));
  expect(new Set(buckets).size).toBe(COMMANDS.size);
});

test("a command is the same when the others are left out", () => {
  const programFor = (firstWord?: string): Command =>
    createProgram(processWith({ cwd: "/" }), () => undefined, firstWord);
  const all = programFor();
  for (const { name, help } of all.commands.map((command) => ({
    name: command.name(),
    help: command.helpInformation(),
  }))) {
    const own = programFor(name).commands.find((command) => command.name() === name);
    expect(own?.helpInformation()).toBe(help);
  }
  expect(programFor("exec").commands.map((command) => command.name())).toEqual(["exec"]);
  expect(programFor("no-command").commands).toHaveLength(all.commands.length);
});

test.each([
  [[], "demo"],
  [["exec", "login"], "exec"],
  [["--", "trace", "reduce", "b"], "trace-reduce"],
  [["login", "../../etc"], "login"],
  [["trace", "shwo"], "trace"],
  [["--version"], "other"],
  [["--verbose", "exec"], "other"],
  [["exec login"], "other"],
  [["../../etc/passwd"], "other"],
  [["constructor"], "other"],
])("%j is kept as %s", (args, expected) => {
  expect(commandBucket(args)).toBe(expected);
});
