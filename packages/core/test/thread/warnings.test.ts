import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { messageExchange } from "@codex-ts/responses-server";
import type { CodexThread, TurnEvent } from "@codex-ts/core";
import { collect, ofType, startScene, testModel } from "../support/harness.ts";

/** Takes the disk away from a recording: the next payload cannot be written. At once, so that no event gets ahead. */
function breakRecording(thread: CodexThread): void {
  if (thread.bundlePath === undefined) throw new Error("nothing was recorded");
  rmSync(thread.bundlePath, { recursive: true });
}

const warningsOf = (events: readonly TurnEvent[]): string[] =>
  ofType(events, "warning").map((event) => event.message);

const STOPPED =
  /^rollout trace stopped: ENOENT.*; the thread goes on without it: make .*\/traces writable with room on its disk, or record elsewhere$/;

const answers = [messageExchange("One."), messageExchange("Two."), messageExchange("Three.")];

test("[core/R10] a recording that stops during a turn is told in that turn, once", async () => {
  const told: string[] = [];
  await using scene = await startScene(answers, { onWarning: (message) => told.push(message) });
  const events: TurnEvent[] = [];
  for await (const event of scene.thread.runTurn("a")) {
    events.push(event);
    if (event.type === "inferenceStarted") breakRecording(scene.thread);
  }
  const second = await scene.turn("b");
  await scene.thread.close();
  // What went over the wire has a file of its own, which stops by itself.
  expect(warningsOf(events)).toEqual([
    expect.stringMatching(/^the wire log stopped: ENOENT/),
    expect.stringMatching(STOPPED),
  ]);
  expect([...warningsOf(second), ...told]).toEqual([]);
  expect([events, second].flatMap((turn) => ofType(turn, "turnCompleted"))).toHaveLength(2);
});

test("[core/R10-next] a recording that stops at the end of a turn is told in the next one, once", async () => {
  const told: string[] = [];
  await using scene = await startScene(answers, { onWarning: (message) => told.push(message) });
  const first: TurnEvent[] = [];
  for await (const event of scene.thread.runTurn("a")) {
    first.push(event);
    if (event.type === "turnCompleted") breakRecording(scene.thread);
  }
  const second = await scene.turn("b");
  await scene.thread.close();
  expect(warningsOf(first)).toEqual([]);
  expect([...warningsOf(second), ...told]).toEqual([expect.stringMatching(STOPPED)]);
});

test("[core/R10-close] a recording that stops after the last turn is told when the thread is closed, once", async () => {
  const told: string[] = [];
  await using scene = await startScene(answers, { onWarning: (message) => told.push(message) });
  await scene.turn("a");
  breakRecording(scene.thread);
  expect(told).toEqual([]);
  await scene.thread.close();
  await scene.thread.close();
  expect(told).toEqual([expect.stringMatching(STOPPED)]);
});

test("[core/R10-left] a warning whose turn was left before it was read is told later", async () => {
  const told: string[] = [];
  await using scene = await startScene(answers, {
    trace: { root: "/dev/null/traces" },
    onWarning: (message) => told.push(message),
  });
  const left = scene.thread.runTurn("a");
  await left[Symbol.asyncDispose]();
  expect(warningsOf(await scene.turn("b"))).toEqual([
    expect.stringMatching(/^rollout trace is off: .*or record elsewhere$/),
  ]);
  await scene.thread.close();
  expect(told).toEqual([]);
});

test("[core/R11] an option without effect is told to the application, or by the first turn; no listener can break a thread", async () => {
  const told: string[] = [];
  const options = { model: testModel({ support_verbosity: false }), verbosity: "low" } as const;
  await using listening = await startScene(answers, {
    ...options,
    onWarning(message) {
      told.push(message);
      throw new Error("a listener that fails");
    },
  });
  expect(told).toEqual(["model gpt-mock has no verbosity setting; `low` is ignored"]);
  expect(warningsOf(await collect(listening.thread.runTurn("a")))).toEqual([]);
  await using silent = await startScene(answers, options);
  expect(warningsOf(await collect(silent.thread.runTurn("a")))).toEqual(told);
  expect(warningsOf(await collect(silent.thread.runTurn("b")))).toEqual([]);
});
