import { expect, test } from "vitest";
import { ThreadEventStream } from "../../src/events/thread-event-stream.ts";
import { PlanItem } from "../../src/events/plan-item.ts";
import { toTurnEvents } from "../../src/events/to-turn-events.ts";
import type { ThreadEvent } from "../../src/events/thread-event.ts";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import { startScene } from "../support/harness.ts";

test("every listener receives every event, in order, whatever another listener throws", () => {
  const events = new ThreadEventStream();
  const first: string[] = [];
  const second: string[] = [];
  events.subscribe((event) => {
    first.push(event.type);
    throw new Error("a listener's own trouble");
  });
  const unsubscribe = events.subscribe((event) => second.push(`${event.turnId} ${event.type}`));
  events.emitterOf("turn-a")({ type: "warning", message: "careful" });
  events.emitterOf(undefined)({ type: "shutdown_complete" });
  unsubscribe();
  events.emitterOf("turn-b")({ type: "warning", message: "late" });
  expect(first).toEqual(["warning", "shutdown_complete", "warning"]);
  expect(second).toEqual(["turn-a warning", "undefined shutdown_complete"]);
});

test("an event carries its message and the facts of its type", () => {
  const events = new ThreadEventStream();
  const seen: ThreadEvent[] = [];
  events.subscribe((event) => seen.push(event));
  const msg = {
    type: "stream_error",
    message: "Reconnecting... 2/5",
    codex_error_info: "other",
    additional_details: "reset",
  } as const;
  events.emitterOf("turn-a")(msg, { delayMs: 7 });
  expect(seen).toEqual([{ type: "stream_error", turnId: "turn-a", msg, facts: { delayMs: 7 } }]);
  expect(seen.flatMap((event) => toTurnEvents(event, new PlanItem()))).toEqual([
    { type: "streamRetry", message: msg.message, details: "reset", delayMs: 7 },
  ]);
});

test("a command that outlives its turn is not shown in the next one", async () => {
  const background = "echo early; while [ ! -e go ]; do sleep 0.01; done; echo late; touch gone";
  const foreground = "touch go; while [ ! -e gone ]; do sleep 0.01; done; sleep 0.05";
  await using scene = await startScene([
    streamExchange([
      functionCall("exec_command", { cmd: background, login: false, yield_time_ms: 250 }, "call_1"),
    ]),
    messageExchange("It still runs."),
    streamExchange([functionCall("exec_command", { cmd: foreground, login: false }, "call_2")]),
    messageExchange("Done."),
  ]);
  const first = await scene.turn("start");
  expect(first).toContainEqual(expect.objectContaining({ type: "commandOutputDelta" }));
  const second = await scene.turn("finish");
  const shown = second.flatMap((event) => {
    if (event.type === "commandOutputDelta") return [event.chunk];
    if (event.type !== "itemCompleted" || event.item.type !== "command_execution") return [];
    return [event.item.command];
  });
  expect(shown).toEqual([`/bin/bash -c '${foreground}'`]);
});
