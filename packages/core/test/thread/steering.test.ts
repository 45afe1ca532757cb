import { describe, expect, test } from "vitest";
import {
  completed,
  created,
  failedExchange,
  functionCall,
  gate,
  message,
  messageExchange,
  streamExchange,
  textDelta,
} from "@codex-ts/responses-server";
import type { TurnEvent } from "@codex-ts/core";
import { inferencesOf, reduceStrictly } from "../support/bundle.ts";
import { collect, ofType, startScene } from "../support/harness.ts";
import { blobOf, shapeOf } from "../support/request-shape.ts";

const GENERATIONS = ["0.140", "0.171"] as const;

const shapes = (
  compatibility: string,
  requests: readonly Parameters<typeof shapeOf>[0][],
): string[][] =>
  requests.map((request) => shapeOf(request).slice(compatibility === "0.171" ? 2 : 1));

const sleep = functionCall("exec_command", { cmd: "sleep 0.3; echo x", login: false }, "call_1");

/** Holds a response after one finished item and half a text. */
const held = {
  events: [
    created(),
    message("First.", "msg_1"),
    textDelta("half"),
    gate("go on"),
    message("Second.", "msg_2"),
    completed(),
  ],
};

/** Reads a turn and does something once, at the first event of a type. */
async function readAnd(
  events: AsyncIterable<TurnEvent>,
  type: TurnEvent["type"],
  then: () => void,
): Promise<TurnEvent[]> {
  const list: TurnEvent[] = [];
  let isDone = false;
  for await (const event of events) {
    list.push(event);
    if (event.type !== type || isDone) continue;
    isDone = true;
    then();
  }
  return list;
}

describe.each(GENERATIONS)("steering as in %s", (compatibility) => {
  test("[core/T5] an input for a response that streams waits for it (0.140) or drops the rest of it (0.171)", async () => {
    await using scene = await startScene([held, messageExchange("Now on B.")], { compatibility });
    let steered: ReturnType<typeof scene.thread.steer> | undefined;
    const events = await readAnd(scene.thread.runTurn("do A"), "agentMessageDelta", () => {
      steered = scene.thread.steer("do B");
      scene.server.release("go on");
    });
    expect(steered).toMatchObject({ type: "steered" });
    expect(steered?.type === "steered" && (await steered.recorded)).toBe(true);
    const first =
      compatibility === "0.140"
        ? ["assistant: First.", "assistant: Second."]
        : ["assistant: First."];
    expect(shapes(compatibility, scene.server.requests)).toEqual([
      ["user: do A"],
      ["user: do A", ...first, "user: do B"],
    ]);
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "Now on B." });
    const state = await reduceStrictly(scene.thread);
    expect(inferencesOf(state).map(({ execution }) => execution.status)).toEqual([
      compatibility === "0.140" ? "completed" : "cancelled",
      "completed",
    ]);
    expect(Object.values(state.codex_turns)).toHaveLength(1);
  });

  test("[core/S1-9] inputs that come while a tool runs follow its output, and new extras count from then on", async () => {
    await using scene = await startScene(
      [streamExchange([sleep]), messageExchange("Done."), messageExchange("Next.")],
      { compatibility },
    );
    await readAnd(
      scene.thread.runTurn("do A", { clientMetadata: { fiber_run_id: "1" } }),
      "itemStarted",
      () => {
        scene.thread.steer("do B", { clientMetadata: { fiber_run_id: "2", turn_id: "spoofed" } });
        scene.thread.steer("and C");
      },
    );
    expect(shapes(compatibility, scene.server.requests.slice(1))).toEqual([
      ["user: do A", "function_call", "function_call_output", "user: do B", "user: and C"],
    ]);
    await scene.turn("next");
    // The running turn's extras are replaced, and never what the turn itself says; the next turn has none of them.
    const blobs = scene.server.requests.map(blobOf);
    expect(blobs.map((blob) => blob["fiber_run_id"])).toEqual(["1", "2", undefined]);
    expect(blobs[1]?.["turn_id"]).toBe(blobs[0]?.["turn_id"]);
  });

  test("[core/T20] an input during the wait before a retry ends the wait in 0.171", async () => {
    const waiting = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using scene = await startScene(
      [
        failedExchange({ code: "rate_limit_exceeded", message: "Please try again in 20s." }),
        messageExchange("One."),
        messageExchange("Two."),
      ],
      {
        compatibility,
        sleep: (_ms, signal) => {
          asked.resolve();
          return new Promise((resolve, reject) => {
            signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
            void waiting.promise.then(resolve);
          });
        },
      },
    );
    const turn = scene.thread.runTurn("do A");
    await asked.promise;
    scene.thread.steer("do B");
    if (compatibility === "0.140") waiting.resolve();
    await turn.result();
    expect(shapes(compatibility, scene.server.requests.slice(1))).toEqual(
      compatibility === "0.171"
        ? [["user: do A", "user: do B"]]
        : [["user: do A"], ["user: do A", "assistant: One.", "user: do B"]],
    );
  });

  test("[core/T21] an input of a turn that is stopped before it could be read is not recorded, and says so", async () => {
    await using scene = await startScene([streamExchange([sleep]), messageExchange("Next.")], {
      compatibility,
    });
    let recorded: Promise<boolean> | undefined;
    let end: ReturnType<typeof scene.thread.interrupt> | undefined;
    const events = await readAnd(scene.thread.runTurn("do A"), "itemStarted", () => {
      const steered = scene.thread.steer("do B");
      recorded = steered.type === "steered" ? steered.recorded : undefined;
      end = scene.thread.interrupt();
    });
    expect(events.at(-1)?.type).toBe("turnAborted");
    expect(await end).toMatchObject({ type: "turnAborted" });
    expect(await recorded).toBe(false);
    await scene.turn("next");
    expect(JSON.stringify(scene.server.requests.at(-1)?.body)).not.toContain("do B");
  });
});

describe("turns one after the other", () => {
  test("[core/T22] an input is queued or steers by choice; without one a second turn is refused", async () => {
    await using scene = await startScene([held, messageExchange("B."), messageExchange("C.")]);
    const first = scene.thread.runTurn("a");
    await scene.server.waitForGate("go on");
    expect(() => scene.thread.runTurn("x")).toThrow(/a turn is running/);
    const steered = scene.thread.submit("b", { whileRunning: "steer" });
    const queued = scene.thread.submit("c", { whileRunning: "queue" });
    expect([steered.type, queued.type]).toEqual(["steered", "queued"]);
    scene.server.release("go on");
    expect(await first.result()).toMatchObject({ lastAgentMessage: "B." });
    expect(queued.type === "queued" && (await queued.turn.result())).toMatchObject({
      type: "turnCompleted",
      lastAgentMessage: "C.",
    });
    expect(scene.thread.submit("d", { whileRunning: "steer" }).type).toBe("started");
  });

  test("[core/T23] a queued turn that is given up never begins", async () => {
    await using scene = await startScene([held, messageExchange("C.")]);
    const first = scene.thread.runTurn("a");
    await scene.server.waitForGate("go on");
    const abort = new AbortController();
    const given = scene.thread.submit("b", { whileRunning: "queue", signal: abort.signal });
    const kept = scene.thread.submit("c", { whileRunning: "queue" });
    abort.abort();
    if (given.type === "steered" || kept.type === "steered") throw new Error("not queued");
    expect(await collect(given.turn)).toEqual([{ type: "turnAborted", turnId: given.turn.turnId }]);
    scene.server.release("go on");
    await first.result();
    expect(await kept.turn.result()).toMatchObject({ lastAgentMessage: "C." });
    const state = await reduceStrictly(scene.thread);
    expect(Object.values(state.codex_turns)).toHaveLength(2);
  });

  test("[core/T24] nothing steers where no turn runs or a compaction does; an input for it is queued", async () => {
    await using scene = await startScene([
      messageExchange("One."),
      { events: [created(), message("SUMMARY"), gate("go on"), completed()] },
      messageExchange("Two."),
    ]);
    expect(scene.thread.steer("x")).toEqual({ type: "not_steered", reason: "no_turn" });
    expect(await scene.thread.interrupt()).toBeUndefined();
    await scene.turn("one");
    const compaction = scene.thread.compact();
    await scene.server.waitForGate("go on");
    expect(scene.thread.steer("x")).toEqual({ type: "not_steered", reason: "compacting" });
    const submitted = scene.thread.submit("two", { whileRunning: "steer" });
    expect(submitted.type).toBe("queued");
    scene.server.release("go on");
    expect(await compaction.result()).toMatchObject({ type: "turnCompleted" });
    expect(submitted.type === "queued" && (await submitted.turn.result())).toMatchObject({
      lastAgentMessage: "Two.",
    });
  });

  test("[core/T24] a command of the user takes what steers it; an input to be answered is queued", async () => {
    await using scene = await startScene([messageExchange("Two.")]);
    const command = scene.thread.runShellCommand("sleep 0.3");
    const steered = scene.thread.steer("one");
    const submitted = scene.thread.submit("two", { whileRunning: "steer" });
    expect([steered.type, submitted.type]).toEqual(["steered", "queued"]);
    expect(await command.result()).toMatchObject({ type: "turnCompleted" });
    expect(steered.type === "steered" && (await steered.recorded)).toBe(true);
    expect(submitted.type === "queued" && (await submitted.turn.result())).toMatchObject({
      lastAgentMessage: "Two.",
    });
    expect(scene.server.requests).toHaveLength(1);
  });

  test("[core/T25] a compaction that is asked for waits for the turns before it; closing ends them all", async () => {
    await using scene = await startScene([held]);
    const first = scene.thread.runTurn("a");
    await scene.server.waitForGate("go on");
    const compaction = scene.thread.compact();
    const last = scene.thread.submit("b", { whileRunning: "queue" });
    await scene.thread.close();
    expect((await collect(first)).at(-1)?.type).toBe("turnAborted");
    expect((await collect(compaction)).map(({ type }) => type)).toEqual(["turnAborted"]);
    expect(last.type === "queued" && (await last.turn.result()).type).toBe("turnAborted");
    expect(() => scene.thread.compact()).toThrow(/closed/);
    expect(scene.server.requests).toHaveLength(1);
  });

  test("[core/T26] an input that comes at the end of a turn is answered in it", async () => {
    await using scene = await startScene([messageExchange("A."), messageExchange("B.")]);
    const turn = scene.thread.runTurn("a");
    const events = await readAnd(turn, "itemCompleted", () => void scene.thread.steer("b"));
    expect(ofType(events, "itemCompleted")).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "B." });
  });
});
