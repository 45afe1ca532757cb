// A process that runs turns in one thread and measures itself: `<base URL> <home> <generation> <turn>...`. After each of the
// turns that are named, the last of which ends it, it prints a line of JSON. Needs `--expose-gc`.
import { getEventListeners } from "node:events";
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { createThread } from "@codex-ts/core";
import { longThreadOptions, runLongTurn } from "../../support/long-thread.ts";
import { work } from "../../support/long-work.ts";

/** Long enough for commands that go on after their turn, and for connections that are not used. */
const REST_MS = 1500;

const [baseUrl = "", codexHome = "", generation, ...turns] = process.argv.slice(2);
const checkpoints = new Set(turns.map(Number));
const counts: Record<string, number> = {};
const { signal } = new AbortController();

const thread = await createThread(
  longThreadOptions(baseUrl, codexHome, generation === "0.140" ? "0.140" : "0.171"),
);
// The stream has a handle of its own from its first use on.
console.log(JSON.stringify({ threadId: thread.threadId }));
const last = Math.max(...checkpoints);
for (let turn = 1; turn <= last; turn += 1) {
  const end = await runLongTurn(thread, turn, { signal, onEvent: count });
  const expected = work.isStuck(turn) ? "turnAborted" : "turnCompleted";
  if (end !== expected) throw new Error(`turn ${turn} ended with ${end}`);
  if (turn % 25 === 0) await thread.compact({ signal }).result();
  if (checkpoints.has(turn)) console.log(JSON.stringify(await measure(turn)));
}
await thread.close();
console.log(JSON.stringify({ bundlePath: thread.bundlePath, counts }));

function count(type: string): void {
  counts[type] = (counts[type] ?? 0) + 1;
}

/** What the process holds on to when it rests. */
async function measure(turn: number): Promise<object> {
  await delay(REST_MS);
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await delay(20);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  return {
    turn,
    heapBytes: heapUsed + arrayBuffers,
    holds: {
      signalListeners: getEventListeners(signal, "abort").length,
      processListeners: listeners.reduce((sum, each) => sum + each, 0),
      resources: process.getActiveResourcesInfo().toSorted(),
      descriptors: readdirSync("/proc/self/fd").length,
    },
  };
}
