import { existsSync } from "node:fs";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { isLongForm } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { mockHome } from "./support/home.ts";
import { startCli } from "./support/run-cli.ts";

const EXEC = ["exec", "--json", "--dangerously-bypass-approvals-and-sandbox"];
const FLOOD_BYTES = isLongForm ? 1_000_000_000 : 150_000_000;
/** Processes are slow on a busy machine; how slow proves nothing. */
const TIMEOUT_MS = isLongForm ? 600_000 : 120_000;

/** Most memory of the client, in MiB, by the end of a command that it runs, which reads it itself. */
async function peakMebibytes(flood: string, args: object = {}): Promise<number> {
  await using home = await mockHome([
    functionCallExchange({
      name: "exec_command",
      args: { cmd: `${flood} grep VmHWM /proc/$PPID/status`, login: false, ...args },
      callId: "call_1",
    }),
    functionCallExchange({
      name: "exec_command",
      args: { cmd: "grep VmHWM /proc/$PPID/status", login: false },
      callId: "call_2",
    }),
    messageExchange("Done."),
  ]);
  const { child, ended } = startCli([...EXEC, "hi"], home.run);
  child.stdin.end();
  const { exitCode, stdout } = await ended;
  expect(exitCode).toBe(0);
  const peak = [...stdout.matchAll(/VmHWM:\\t *(\d+) kB/g)].at(-1)?.[1];
  return Number(peak) / 1024;
}

describe.skipIf(!existsSync("/proc/self/status"))("a command that prints without end", () => {
  test.each([
    ["on pipes", {}],
    ["on a terminal", { tty: true }],
  ])(
    "[cli/flood] a gigabyte of NUL bytes %s costs less than 100 MB of memory",
    async (_where, args) => {
      const idle = await peakMebibytes("", args);
      const flooded = await peakMebibytes(`head -c ${FLOOD_BYTES} /dev/zero;`, {
        ...args,
        yield_time_ms: 30_000,
      });
      expect(flooded - idle).toBeLessThan(100);
    },
    TIMEOUT_MS,
  );
});
