import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { JsonObject } from "@codex-ts/protocol";
import {
  customToolCall,
  functionCall,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { ServerEvent } from "@codex-ts/responses-server";
import { historyTroubles, isSoak, seededRandom, waitFor } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { reduceStrictly } from "../support/bundle.ts";
import { startScene, testModel } from "../support/harness.ts";
import { bodies, callEvent, stdioServer } from "../support/mcp/mcp-scene.ts";

/** In blocks, so that a soak of 500 runs shows how far it is. */
const BLOCKS = Array.from({ length: isSoak ? 50 : 1 }, (_, index) => index);
const RUNS_OF_BLOCK = isSoak ? 10 : 5;
/** A run has two turns, starts processes and kills them; many run on a busy machine. */
const RUN_TIMEOUT_MS = 30_000;
const LATEST_INTERRUPTION_MS = 500;

const exec = (cmd: string, callId: string, more: JsonObject = {}): ServerEvent =>
  functionCall("exec_command", { cmd, login: false, ...more }, callId);

/** Calls that would run for long, leave something behind, or cannot be stopped in the middle. */
const CALLS: readonly ((callId: string) => ServerEvent)[] = [
  (id) => exec("trap '' TERM; (trap '' TERM; sleep 300) & sleep 300", id),
  (id) => exec("setsid sleep 300 & sleep 300", id, { yield_time_ms: 30_000 }),
  (id) => exec("exec >&- 2>&- <&-; sleep 300", id, { yield_time_ms: 30_000 }),
  (id) => exec("yes a line that goes on and on", id, { yield_time_ms: 30_000 }),
  (id) => exec("head -c 5000000 /dev/zero; sleep 300", id, { yield_time_ms: 30_000 }),
  (id) => exec("trap '' INT; cat", id, { tty: true, yield_time_ms: 30_000 }),
  (id) => exec("sleep 300 &", id),
  (id) => exec("echo quick", id),
  (id) => functionCall("write_stdin", { session_id: 1000, chars: "x" }, id),
  (id) => functionCall("view_image", { path: "no-such.png" }, id),
  (id) => functionCall("no_such_tool", {}, id),
  (id) =>
    customToolCall("apply_patch", `*** Begin Patch\n*** Add File: ${id}\n+x\n*** End Patch`, id),
  (id) => customToolCall("exec", 'await tools.exec_command({ cmd: "sleep 300" });', id),
  (id) => customToolCall("exec", "yield_control(); for (;;);", id),
  (id) => callEvent({ name: "slow" }, id),
];

/** Processes that have the mark in the environment they were started with. */
function marked(mark: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      return readFileSync(`/proc/${name}/environ`).includes(mark) ? [Number(name)] : [];
    } catch {
      // It has ended, or is another user's.
      return [];
    }
  });
}

/** Resolves with what is wrong with the history after it. Rejects when a process is left, or the trace does not reduce. */
async function interruptedRun(seed: number): Promise<string[]> {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const mark = `CODEX_TS_INTERRUPTED=${process.pid}-${seed}-`;
  const [name = "", value = ""] = mark.split("=");
  const calls = Array.from({ length: 1 + below(4) }, (_, index) => {
    const call = CALLS[below(CALLS.length)] ?? CALLS[0];
    return call?.(`call_${index}`) ?? exec("true", `call_${index}`);
  });
  const withServer = calls.some((call) => JSON.stringify(call).includes("mcp__demo"));
  const script = [streamExchange(calls), messageExchange("Not reached?"), messageExchange("End.")];
  await using scene = await startScene(script, {
    compatibility: below(2) === 0 ? "0.140" : "0.171",
    codeMode: "with_tools",
    model: testModel({ apply_patch_tool_type: "freeform" }),
    env: { PATH: process.env["PATH"], [name]: value },
    ...(withServer && {
      mcpServers: { demo: stdioServer("demo", { envVars: [name] }) },
    }),
  });
  const turn = scene.thread.runTurn("go");
  const result = turn.result();
  await waitFor(() => scene.server.requests.length > 0, { timeoutMs: RUN_TIMEOUT_MS });
  await delay(below(LATEST_INTERRUPTION_MS));
  await scene.thread.interrupt();
  await result;
  await scene.turn("again");
  const input = bodies(scene).at(-1)?.["input"] as Parameters<typeof historyTroubles>[0];
  await scene.thread.close();
  await waitFor(() => marked(mark).length === 0, { what: `seed ${seed}: ${marked(mark).join()}` });
  await reduceStrictly(scene.thread);
  return historyTroubles(input).map((trouble) => `seed ${seed}: ${trouble}`);
}

test.skipIf(process.platform !== "linux").each(BLOCKS)(
  "[core/interrupted-tools] tools that are interrupted at any moment leave no process, a valid history and a trace that reduces (%i)",
  async (block) => {
    for (let run = 1; run <= RUNS_OF_BLOCK; run += 1) {
      expect(await interruptedRun(block * RUNS_OF_BLOCK + run)).toEqual([]);
    }
  },
  RUNS_OF_BLOCK * RUN_TIMEOUT_MS,
);
