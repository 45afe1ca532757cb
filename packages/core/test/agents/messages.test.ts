import { describe, expect, test } from "vitest";
import {
  completed,
  created,
  functionCall,
  gate,
  itemDone,
  messageItem,
} from "@codex-ts/responses-server";
import {
  agentCall,
  isAgentEvent,
  mailOf,
  outputsOf,
  replyWith,
  rootAndOthers,
  say,
} from "../support/agents.ts";
import { reduceStrictly } from "../support/bundle.ts";
import { startScene } from "../support/harness.ts";
import type { Scene } from "../support/harness.ts";

const GENERATIONS = ["0.140", "0.171"] as const;

describe.each(GENERATIONS)("messages of agents as in %s", (compatibility) => {
  const call = (name: string, args: object, id: string) =>
    compatibility === "0.140"
      ? functionCall(name, { ...args }, id)
      : agentCall(name, { ...args }, id);
  const spawn = call(
    "spawn_agent",
    { task_name: "a", message: "Begin.", fork_turns: "none" },
    "c1",
  );
  const options = { compatibility, subagents: { minWaitMs: 5 } };
  const schema = compatibility === "0.140" ? 1 : 3;
  const requests = (scene: Scene, isOfAgent: boolean) =>
    scene.server.requests.filter(
      (request) => (request.header("x-openai-subagent") !== undefined) === isOfAgent,
    );
  const texts = (mail: string[]): string[] =>
    mail.map((text) => text.split(/[\n|]|^\/root: /).at(-1) ?? "");

  test("[core/AG3] who is meant by nobody, and a time below zero, have the texts of Codex", async () => {
    const id = "019a0000-0000-7000-8000-000000000000";
    const send = (target: string, callId: string) =>
      call("send_message", { target, message: "x" }, callId);
    await using scene = await startScene(
      rootAndOthers(
        [
          replyWith(
            send("", "c1"),
            send("../x", "c2"),
            send(id, "c3"),
            call("list_agents", { path_prefix: "" }, "c4"),
            call("wait_agent", { timeout_ms: -1 }, "c5"),
          ),
          say("Done."),
        ],
        [],
      ),
      options,
      schema,
    );
    await scene.turn("delegate");
    const outputs = outputsOf(requests(scene, false).at(-1));
    expect(outputs).toMatchObject({
      c1: "agent path must not be empty",
      c2: "agent_name `..` is reserved",
      c3: `agent with id ${id} not found`,
      c4: "agent path must not be empty",
    });
    expect(outputs["c5"]).toContain(
      compatibility === "0.140"
        ? "timeout_ms must be at least 5"
        : "Requested timeout of -1ms was clamped to the minimum of 5ms.",
    );
  });

  test("[core/AG7] [core/AG-wait-late] an idle agent reads what it was told with its next task, a task begins a turn", async () => {
    await using scene = await startScene(
      rootAndOthers(
        [
          replyWith(spawn),
          replyWith(call("wait_agent", {}, "c2")),
          replyWith(call("send_message", { target: "a", message: "By the way." }, "c3")),
          replyWith(call("followup_task", { target: "/root/a", message: "And now." }, "c4")),
          replyWith(call("wait_agent", {}, "c5")),
          replyWith(call("list_agents", {}, "c6")),
          replyWith(call("wait_agent", { timeout_ms: 5 }, "c7")),
          say("Done."),
        ],
        [say("One."), say("Two.")],
      ),
      options,
      schema,
    );
    await scene.turn("delegate");
    const ofAgent = requests(scene, true);
    expect(ofAgent.map((request) => texts(mailOf(request)))).toEqual([
      ["Begin."],
      ["Begin.", "By the way.", "And now."],
    ]);
    const last = requests(scene, false).at(-1);
    expect(outputsOf(last)).toMatchObject({ c3: "", c4: "" });
    expect(outputsOf(last)["c6"]).toContain('{"completed":"Two."}');
    // What it waits for was delivered before.
    expect(outputsOf(last)["c7"]).toBe('{"message":"Wait timed out.","timed_out":true}');
    const state = await reduceStrictly(scene.thread);
    const kinds = Object.values(state.interaction_edges).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual([
      "agent_result",
      "agent_result",
      "assign_agent_task",
      "send_message",
      "spawn_agent",
    ]);
  });

  test("[core/AG8] a message that comes while the model thinks or comments is read at once, the rest of the response is left", async () => {
    await using scene = await startScene(
      rootAndOthers(
        [
          replyWith(spawn),
          {
            events: [
              created(),
              gate("thinking"),
              itemDone(messageItem("I look around.", { phase: "commentary" })),
              gate("never"),
              completed(),
            ],
          },
          say("I know."),
        ],
        [say("Found it.")],
      ),
      options,
      schema,
    );
    for await (const event of scene.thread.runTurn("delegate")) {
      const isResult = event.type === "agentEvent" && event.event.type === "turnCompleted";
      if (isResult) scene.server.release("thinking");
    }
    const last = requests(scene, false).at(-1);
    expect(JSON.stringify(last?.body)).toContain("I look around.");
    expect(mailOf(last)[0]).toContain("Found it.");
    const state = await reduceStrictly(scene.thread);
    const statuses = Object.values(state.inference_calls).map(({ execution }) => execution.status);
    expect(statuses.filter((status) => status === "cancelled")).toHaveLength(1);
  });

  test("[core/AG9] a message that comes after the final answer waits for the next turn", async () => {
    await using scene = await startScene(
      rootAndOthers(
        [replyWith(spawn), say("I do not wait."), say("Second."), say("Third."), say("Fourth.")],
        [{ events: [created(), gate("late"), itemDone(messageItem("Late.")), completed()] }],
      ),
      {
        ...options,
        subagents: { ...options.subagents, onEvent: (event) => seen.push(event.event.type) },
      },
      schema,
    );
    const seen: string[] = [];
    await scene.turn("delegate");
    scene.server.release("late");
    while (!seen.includes("turnCompleted")) await new Promise((resolve) => setTimeout(resolve, 5));
    await scene.turn("two");
    await scene.turn("three");
    const mails = requests(scene, false).map((request) => mailOf(request).length);
    // 0.140 asks again because of it, 0.171 leaves it for the turn after.
    expect(mails).toEqual(compatibility === "0.140" ? [0, 0, 0, 1, 1] : [0, 0, 0, 1]);
    await reduceStrictly(scene.thread);
  });

  test("[core/AG10] an agent that is stopped says nothing, and goes on with another task", async () => {
    await using scene = await startScene(
      rootAndOthers(
        [
          replyWith(spawn),
          {
            events: [
              created(),
              gate("busy"),
              call("interrupt_agent", { target: "a" }, "c2"),
              completed(),
            ],
          },
          replyWith(call("interrupt_agent", { target: "nobody" }, "c3")),
          replyWith(call("wait_agent", { timeout_ms: 5 }, "c4")),
          replyWith(call("followup_task", { target: "a", message: "Again." }, "c5")),
          replyWith(call("wait_agent", {}, "c6")),
          say("Done."),
        ],
        [{ events: [created(), itemDone(messageItem("Thinking.")), gate("never")] }, say("Now.")],
      ),
      options,
      schema,
    );
    for await (const event of scene.thread.runTurn("delegate")) {
      const isBusy =
        isAgentEvent(event) &&
        event.event.type === "rawItem" &&
        event.event.item.type === "message" &&
        event.event.item.role === "assistant";
      if (isBusy) scene.server.release("busy");
    }
    const last = requests(scene, false).at(-1);
    expect(outputsOf(last)).toMatchObject({
      c2: '{"previous_status":"running"}',
      c3: "live agent path `/root/nobody` not found",
      c4: '{"message":"Wait timed out.","timed_out":true}',
      c6: '{"message":"Wait completed.","timed_out":false}',
    });
    expect(mailOf(last)).toHaveLength(1);
    const state = await reduceStrictly(scene.thread);
    const stopped = Object.values(state.codex_turns).filter(
      ({ execution }) => execution.status === "cancelled",
    );
    expect(stopped).toHaveLength(1);
  });
});

test("[core/AG11] an input of the user ends a wait for agents (0.171)", async () => {
  await using scene = await startScene(
    rootAndOthers(
      [
        replyWith(
          agentCall("spawn_agent", { task_name: "a", message: "x", fork_turns: "none" }, "c1"),
        ),
        replyWith(agentCall("wait_agent", { timeout_ms: 3_600_000 }, "c2")),
        say("Done."),
      ],
      [{ events: [created(), gate("never")] }],
    ),
    { compatibility: "0.171", subagents: {} },
    3,
  );
  for await (const event of scene.thread.runTurn("delegate")) {
    const isWaiting = event.type === "itemStarted" && event.item.type === "collab_tool_call";
    if (isWaiting) scene.thread.steer("Never mind.");
  }
  const last = scene.server.requests.findLast(
    (request) => request.header("x-openai-subagent") === undefined,
  );
  expect(outputsOf(last)["c2"]).toBe(
    '{"message":"Wait interrupted by new input.","timed_out":false}',
  );
});
