// A process that runs turns in threads, all of them at once, and measures itself: `<home> <turn>,<turn>... <generation>=<base
// URL>...`. After each of the turns that are named, the last of which ends it, it prints a line of JSON, and one for each
// thread at its end. Needs `--expose-gc`.
import { getEventListeners } from "node:events";
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { queryObjects } from "node:v8";
import { createThread } from "@codex-ts/core";
import type { CodexThread } from "@codex-ts/core";
import { longThreadOptions, runLongTurn } from "../../support/long-thread.ts";
import { IDLE_CONNECTION_MS, work } from "../../support/long-work.ts";

const READING_MS = 100;
/** Readings of the same in a row after which the process rests: they take longer than connections live that are not used. */
const STEADY_READINGS = IDLE_CONNECTION_MS / READING_MS + 3;
/** A process that does not rest in a minute is measured as it is. */
const MOST_READINGS = 600;

const [codexHome = "", turns = "", ...targets] = process.argv.slice(2);
const checkpoints = new Set(turns.split(",").map(Number));
const { signal } = new AbortController();

const threads = await Promise.all(targets.map(begin));
// The stream has a handle of its own from its first use on.
console.log(JSON.stringify({ threads: threads.length }));
const last = Math.max(...checkpoints);
for (let turn = 1; turn <= last; turn += 1) {
  await Promise.all(threads.map((each) => runTurn(each, turn)));
  if (checkpoints.has(turn)) console.log(JSON.stringify(await measure(turn)));
}
for (const { thread, generation, counts } of threads) {
  await thread.close();
  console.log(JSON.stringify({ generation, bundlePath: thread.bundlePath, counts }));
}

interface LongThread {
  readonly generation: "0.171" | "0.140";
  readonly thread: CodexThread;
  /** Number of events by type. */
  readonly counts: Record<string, number>;
}

async function begin(target: string): Promise<LongThread> {
  const [name, baseUrl = ""] = target.split("=");
  const generation = name === "0.140" ? "0.140" : "0.171";
  const thread = await createThread(longThreadOptions(baseUrl, codexHome, generation));
  return { generation, thread, counts: {} };
}

async function runTurn({ thread, counts }: LongThread, turn: number): Promise<void> {
  const onEvent = (type: string): void => {
    counts[type] = (counts[type] ?? 0) + 1;
  };
  const end = await runLongTurn(thread, turn, { signal, onEvent });
  const expected = work.isStuck(turn) ? "turnAborted" : "turnCompleted";
  if (end !== expected) throw new Error(`turn ${turn} ended with ${end}`);
  if (turn % 25 === 10) await thread.compact({ signal }).result();
}

/** What the process holds on to when it rests. */
async function measure(turn: number): Promise<object> {
  await rest();
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await delay(20);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const heapBytes = heapUsed + arrayBuffers;
  return { turn, heapBytes, signals: Number(queryObjects(AbortSignal)), holds: holds() };
}

/** Until no command is left of the turns, and nothing changes any more. */
async function rest(): Promise<void> {
  let before = "";
  let steady = 0;
  for (let reading = 0; reading < MOST_READINGS && steady < STEADY_READINGS; reading += 1) {
    await delay(READING_MS);
    const held = holds();
    const now = JSON.stringify(held);
    steady = now === before && !held.resources.includes("ProcessWrap") ? steady + 1 : 0;
    before = now;
  }
}

function holds(): { readonly resources: readonly string[] } {
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  const held = {
    signalListeners: getEventListeners(signal, "abort").length,
    processListeners: listeners.reduce((sum, each) => sum + each, 0),
    descriptors: readdirSync("/proc/self/fd").length,
  };
  // The timer of whoever asks is his own.
  const resources = process.getActiveResourcesInfo().filter((name) => name !== "Timeout");
  return { ...held, resources: resources.toSorted() };
}
