import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { resumeThread } from "@codex-ts/core";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { isLongForm, isSoak, seededRandom, temporaryDirectory } from "@codex-ts/test-support";
import { collect } from "../support/harness.ts";
import { LAST_TURN, LongWork, promptOf, work } from "../support/long-work.ts";
import { longThreadOptions } from "../support/long-thread.ts";
import { startResponsesServer } from "../support/server.ts";

const PROCESS = fileURLToPath(new URL("./children/kept-thread.ts", import.meta.url));

/** Events in the middle of which the process is killed: a request, tools, a compaction, what comes after them. */
const MOMENTS = [
  "inferenceStarted",
  "itemStarted",
  "compactionStarted",
  "rawItem",
  "compactionInstalled",
  "inferenceFinished",
  "turnCompleted",
] as const;
/** As long as the model thinks, and most of the tools take. */
const LONGEST_WAIT_MS = 40;
/** The first turn of a life is one of these. */
const FIRST_TURNS = Array.from({ length: 40 }, (_, at) => at + 1);
const KILLS = isSoak ? 50 : isLongForm ? MOMENTS.length : 1;
const GENERATIONS = isLongForm ? (["0.171", "0.140"] as const) : (["0.171"] as const);
const SEED = Number(process.env["KILL_SEED"] ?? Math.floor(Math.random() * 1e9));

describe.each(GENERATIONS)("[core/F12] a thread of %s that is killed", (generation) => {
  test(
    `resumes with its id and file, no line torn, each call paired, and its bundles reduce (seed ${SEED})`,
    async () => {
      await using directory = await temporaryDirectory();
      const home = directory.path;
      const model = new LongWork(5);
      await using server = await startResponsesServer({
        script: [model.exchange],
        warmUps: "script",
      });
      const random = seededRandom(SEED);
      const moments = isLongForm ? MOMENTS : [pick(MOMENTS, random)];
      const options = longThreadOptions(server.url, home, generation);
      let threadId: string | undefined;
      for (let kill = 0; kill < KILLS; kill += 1) {
        const moment = moments[kill % moments.length] ?? "inferenceStarted";
        const isAtOnce = moment.startsWith("compaction") ? work.fillsInTheMiddle : () => true;
        const firstTurn = pick(FIRST_TURNS.filter(isAtOnce), random);
        const killed = await runAndKill({
          args: [server.url, home, generation, String(firstTurn), ...(threadId ? [threadId] : [])],
          moment,
          waitMs: random() * LONGEST_WAIT_MS,
        });
        threadId ??= killed;
        expect(killed).toBe(threadId);
        const thread = await resumeThread(threadId, options);
        const events = await collect(thread.runTurn(promptOf(LAST_TURN)));
        await thread.close();
        expect(events.at(-1)).toMatchObject({
          type: "turnCompleted",
          lastAgentMessage: `Done ${LAST_TURN}.`,
        });
        expect(thread.threadId).toBe(threadId);
        expect(sessionFiles(home)).toEqual([thread.sessionPath]);
        expectWholeLines(readFileSync(thread.sessionPath ?? "", "utf8"), generation);
        expect(model.troubles).toEqual([]);
      }
      for (const name of readdirSync(join(home, "traces"))) {
        const bundle = openBundle(join(home, "traces", name));
        expect((await reduceBundle(bundle, { mode: "strict" })).diagnostics).toEqual([]);
      }
    },
    KILLS * 60_000,
  );
});

/**
 * Starts the process, kills it a while after it has emitted an event of the type of `moment`, and returns the id of its
 * thread.
 */
async function runAndKill({
  args,
  moment,
  waitMs,
}: {
  readonly args: readonly string[];
  readonly moment: string;
  readonly waitMs: number;
}): Promise<string> {
  const child = spawn(process.execPath, ["--conditions=@codex-ts/source", PROCESS, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      // Compiling the sources is most of the start.
      NODE_COMPILE_CACHE: join(tmpdir(), "codex-ts-test-compile-cache"),
    },
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.includes(`\n${moment}\n`)) resolve();
    });
    child.on("close", () => resolve());
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await begun;
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  child.kill("SIGKILL");
  await ended;
  expect({ signal: child.signalCode, stderr }).toEqual({ signal: "SIGKILL", stderr: "" });
  return stdout.split("\n")[0] ?? "";
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}

function sessionFiles(home: string): string[] {
  const sessions = join(home, "sessions");
  return readdirSync(sessions, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => join(sessions, name));
}

function expectWholeLines(text: string, generation: string): void {
  const lines = text.split("\n");
  expect(lines.pop()).toBe("");
  const ordinals = lines.map((line) => (JSON.parse(line) as { ordinal?: number }).ordinal);
  expect(ordinals).toEqual(lines.map((_, index) => (generation === "0.171" ? index : undefined)));
}
