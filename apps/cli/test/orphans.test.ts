import { existsSync } from "node:fs";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { isLongForm, isSoak, seededRandom, waitFor } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { mockHome } from "./support/home.ts";
import { type RunningProcess, runningProcesses } from "./support/processes.ts";
import { startCli } from "./support/run-cli.ts";

const EXEC = ["exec", "--json", "--dangerously-bypass-approvals-and-sandbox"];

/** Processes are slow to start on a busy machine; how slow proves nothing. */
const TIMEOUT_MS = 60_000;
/** Runs of the soak and of the long form, and how soon nothing may be left then. */
const LONG_RUNS = isSoak ? 100 : 12;
const LONG_LIMIT_MS = 2000;

const random = seededRandom(15);
/** A command nobody else runs. */
const uniqueSleep = (): string => `sleep 300.${Math.floor(random() * 1e9)}`;
const countOf = (sleep: string): number =>
  runningProcesses().filter(({ commandLine }) => commandLine.includes(sleep)).length;

/** Children and grandchildren in the group, outside of it, without the output, without the environment. */
function family(sleep: string): { readonly cmd: string; readonly size: number } {
  const members = [
    `${sleep} &`,
    `(${sleep} & ${sleep} &) ;`,
    `nohup ${sleep} >/dev/null 2>&1 &`,
    `env -i ${sleep} &`,
    `setsid ${sleep} &`,
    `(setsid sh -c 'cd /; ${sleep} & exec ${sleep}' </dev/null >/dev/null 2>&1 &) ;`,
  ];
  return { cmd: members.join(" "), size: 8 };
}

const runs = (cmd: string, tty: boolean): Exchange =>
  functionCallExchange({
    name: "exec_command",
    args: { cmd, login: false, tty },
    callId: "call_1",
  });

/** What is left when the time for its end is over. */
async function leftOf(
  sleep: string,
  watchers: readonly number[],
): Promise<readonly RunningProcess[]> {
  const left = (): readonly RunningProcess[] =>
    runningProcesses().filter(
      ({ pid, commandLine }) => commandLine.includes(sleep) || watchers.includes(pid),
    );
  const timeoutMs = isLongForm ? LONG_LIMIT_MS : TIMEOUT_MS;
  return waitFor(() => left().length === 0, { timeoutMs }).then(() => [], left);
}

/** Kills a run while its command has children, or while it is still making them; what is left of both then. */
async function leftAfterKill(options: {
  readonly isGrowing: boolean;
  readonly tty: boolean;
}): Promise<readonly RunningProcess[]> {
  const { isGrowing, tty } = options;
  const sleep = uniqueSleep();
  const { cmd, size } = family(sleep);
  await using home = await mockHome([runs(`${cmd} ${sleep}; true`, tty)]);
  const { child, ended } = startCli([...EXEC, "hi"], home.run);
  child.stdin.end();
  // The shell has the text in its command line, too.
  const enough = isGrowing ? 1 : size + 2;
  await waitFor(() => countOf(sleep) >= enough, { timeoutMs: TIMEOUT_MS, what: "the command" });
  const watchers = runningProcesses().filter(({ parent }) => parent === child.pid);
  child.kill("SIGKILL");
  await ended;
  return leftOf(
    sleep,
    watchers.map(({ pid }) => pid),
  );
}

const timeout = TIMEOUT_MS * (isLongForm ? 20 : 1);

describe.skipIf(!existsSync("/proc/self/environ"))("commands of a process that ends", () => {
  test(
    "[cli/no-orphans-kill] kill -9 leaves nothing that a command has started",
    async () => {
      for (let run = 0; run < (isLongForm ? LONG_RUNS : 5); run += 1) {
        expect(await leftAfterKill({ isGrowing: run % 3 === 2, tty: run % 2 === 1 })).toEqual([]);
      }
    },
    timeout,
  );

  test(
    "[cli/no-orphans-end] a normal end leaves nothing that a command has started",
    async () => {
      for (let run = 0; run < (isSoak ? 20 : isLongForm ? 4 : 2); run += 1) {
        const sleep = uniqueSleep();
        const { cmd, size } = family(sleep);
        await using home = await mockHome([
          // The shell has the text in its command line, too.
          runs(
            `${cmd} until [ $(pgrep -fc '${sleep}') -gt ${size} ]; do sleep 0.1; done`,
            run % 2 === 1,
          ),
          messageExchange("Done."),
        ]);
        const { child, ended } = startCli([...EXEC, "hi"], home.run);
        child.stdin.end();
        expect(await ended).toMatchObject({ exitCode: 0, stderr: "" });
        // By the time the process has ended they have, too.
        expect(countOf(sleep)).toBe(0);
      }
    },
    timeout,
  );
});
