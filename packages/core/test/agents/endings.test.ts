import { describe, expect, test } from "vitest";
import { created, gate, itemDone, messageItem } from "@codex-ts/responses-server";
import type { AgentEvent, TurnEvent } from "@codex-ts/core";
import { agentCall, byAgent, isAgentEvent, replyWith, say } from "../support/agents.ts";
import { reduceStrictly } from "../support/bundle.ts";
import { startScene } from "../support/harness.ts";

const hanging = { events: [created(), itemDone(messageItem("Thinking.")), gate("never")] };
const spawn = (name: string, id: string) =>
  agentCall("spawn_agent", { task_name: name, message: "Hang.", fork_turns: "none" }, id);
const script = byAgent({
  "/root": [
    replyWith(spawn("a", "c1"), spawn("b", "c2")),
    replyWith(agentCall("wait_agent", { timeout_ms: 3_600_000 }, "c3")),
    say("Second turn."),
  ],
  "/root/a": [hanging],
  "/root/b": [hanging],
});

/** Begins a turn and resolves when both agents have said something. */
async function begun(events: AsyncIterable<TurnEvent>, then: () => unknown): Promise<TurnEvent[]> {
  const seen: TurnEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    const said = seen.filter(isAgentEvent).filter(isAnswer);
    if (isAgentEvent(event) && isAnswer(event) && said.length === 2) void then();
  }
  return seen;
}

function isAnswer({ event }: AgentEvent): boolean {
  return (
    event.type === "rawItem" && event.item.type === "message" && event.item.role === "assistant"
  );
}

describe("the end of a thread with agents", () => {
  test("[core/AG12] stopping its turn stops theirs, and they are there for the next one", async () => {
    const all: AgentEvent[] = [];
    await using scene = await startScene(
      script,
      { compatibility: "0.171", subagents: { onEvent: (event) => all.push(event) } },
      3,
    );
    const stopped = Promise.withResolvers<unknown>();
    const events = await begun(scene.thread.runTurn("delegate"), () =>
      stopped.resolve(scene.thread.interrupt()),
    );
    expect(await stopped.promise).toMatchObject({ type: "turnAborted" });
    expect(events.at(-1)).toMatchObject({ type: "turnAborted" });
    const ends = all.filter(({ event }) => event.type === "turnAborted");
    expect(new Set(ends.map(({ agent }) => agent.path))).toEqual(new Set(["/root/a", "/root/b"]));
    expect((await scene.turn("again")).at(-1)).toMatchObject({ type: "turnCompleted" });
    const state = await reduceStrictly(scene.thread);
    const statuses = Object.values(state.codex_turns).map(({ execution }) => execution.status);
    expect(statuses.toSorted()).toEqual(["cancelled", "cancelled", "cancelled", "completed"]);
  });

  test("[core/AG21] what happens in the thread of an agent reaches its own listener, and not that of the thread", async () => {
    const own: string[] = [];
    const ofAgents = new Map<string, string[]>();
    await using scene = await startScene(
      script,
      {
        compatibility: "0.171",
        onEvent: ({ type }) => void own.push(type),
        subagents: {
          onThread: ({ path }) => {
            const seen: string[] = [];
            ofAgents.set(path ?? "", seen);
            return ({ type }) => void seen.push(type);
          },
        },
      },
      3,
    );
    await begun(scene.thread.runTurn("delegate"), () => void scene.thread.interrupt());
    await scene.thread.close();
    expect([...ofAgents.keys()].toSorted()).toEqual(["/root/a", "/root/b"]);
    const all = [own, ...ofAgents.values()];
    expect(all.map((seen) => seen.filter((type) => type === "task_started").length)).toEqual([
      1, 1, 1,
    ]);
    for (const seen of all) {
      expect([seen[0], seen.at(-1)]).toEqual(["session_configured", "shutdown_complete"]);
    }
  });

  test("[core/AG13] closing it closes them first, in the one bundle", async () => {
    await using scene = await startScene(script, { compatibility: "0.171", subagents: {} }, 3);
    const closed = Promise.withResolvers<unknown>();
    await begun(scene.thread.runTurn("delegate"), () => closed.resolve(scene.thread.close()));
    await closed.promise;
    const state = await reduceStrictly(scene.thread);
    expect(Object.values(state.threads).map(({ execution }) => execution.status)).toEqual([
      "completed",
      "completed",
      "completed",
    ]);
    expect(state.recording_status).toBe("complete");
  });

  test("[core/AG14] a consumer that leaves stops it and them", async () => {
    const all: AgentEvent[] = [];
    await using scene = await startScene(
      script,
      { compatibility: "0.171", subagents: { onEvent: (event) => all.push(event) } },
      3,
    );
    for await (const event of scene.thread.runTurn("delegate")) {
      if (isAgentEvent(event) && isAnswer(event)) break;
    }
    await scene.thread.close();
    const over = all.filter(({ event }) => event.type === "turnAborted");
    expect(over).toHaveLength(2);
    await reduceStrictly(scene.thread);
  });
});
