import { describe, expect, test } from "vitest";
import { gate } from "@codex-ts/responses-server";
import {
  agentCall,
  byAgent,
  isAgentEvent,
  mailOf,
  outputsOf,
  replyWith,
  requestsOf,
  say,
  toolNamesOf,
} from "../support/agents.ts";
import { reduceStrictly } from "../support/bundle.ts";
import { startScene, testModel } from "../support/harness.ts";
import { blobOf } from "../support/request-shape.ts";

const spawn = (name: string, id: string, more = {}) =>
  agentCall(
    "spawn_agent",
    { task_name: name, message: `Do ${name}.`, fork_turns: "none", ...more },
    id,
  );
const wait = (id: string) => agentCall("wait_agent", {}, id);
const settings = { compatibility: "0.171" as const, subagents: {} };

describe("an agent that is started", () => {
  test("[core/AG1] works in a thread of its own, and its result reaches its parent in history, trace and events", async () => {
    await using scene = await startScene(
      byAgent({
        "/root": [replyWith(spawn("helper", "c1")), replyWith(wait("c2")), say("All done.")],
        "/root/helper": [say("It is green.")],
      }),
      settings,
      3,
    );
    const events = await scene.turn("delegate");
    const seen = events.filter(isAgentEvent);
    const root = requestsOf(scene.server.requests, "/root");
    const [child] = requestsOf(scene.server.requests, "/root/helper");
    expect(mailOf(child)).toEqual([
      "/root: Message Type: NEW_TASK\nTask name: /root/helper\nSender: /root\nPayload:\n|Do helper.",
    ]);
    expect(outputsOf(root[2])).toEqual({
      c1: '{"task_name":"/root/helper"}',
      c2: '{"message":"Wait completed.","timed_out":false}',
    });
    expect(mailOf(root[2])).toEqual([
      "/root/helper: Message Type: FINAL_ANSWER\nTask name: /root\nSender: /root/helper\nPayload:\nIt is green.",
    ]);
    const threadId = child?.header("thread-id");
    const [ofRoot, ofChild] = [blobOf(root[0]), blobOf(child)];
    expect(ofChild).toMatchObject({
      session_id: scene.thread.threadId,
      thread_id: threadId,
      parent_thread_id: scene.thread.threadId,
      parent_turn_id: ofRoot["turn_id"],
      root_turn_id: ofRoot["turn_id"],
      subagent_kind: "thread_spawn",
      thread_source: "subagent",
      history_initialization: "new",
    });
    expect(child?.body).toMatchObject({ prompt_cache_key: scene.thread.threadId });
    expect(child?.header("x-openai-subagent")).toBe("collab_spawn");
    expect(child?.header("x-codex-parent-thread-id")).toBe(scene.thread.threadId);

    expect(new Set(seen.map(({ agent }) => agent.threadId))).toEqual(new Set([threadId]));
    expect(seen[0]).toMatchObject({
      agent: { path: "/root/helper", depth: 1, parentThreadId: scene.thread.threadId },
      turnId: ofChild["turn_id"],
      event: { type: "turnStarted" },
    });
    expect(seen.at(-1)?.event).toMatchObject({
      type: "turnCompleted",
      lastAgentMessage: "It is green.",
    });
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "All done." });

    const state = await reduceStrictly(scene.thread);
    expect(Object.values(state.threads).map(({ agent_path: path }) => path)).toEqual([
      "/root",
      "/root/helper",
    ]);
    expect(
      Object.values(state.interaction_edges).map(({ kind, source, target }) => [
        kind,
        source.type,
        target.type,
      ]),
    ).toEqual([
      ["agent_result", "conversation_item", "conversation_item"],
      ["spawn_agent", "tool_call", "conversation_item"],
    ]);
    const statuses = Object.values(state.threads).map(({ execution }) => execution.status);
    expect(statuses).toEqual(["completed", "completed"]);
  });

  test("[core/AG2] tells its parent that its turn has failed; the parent never waits for nothing", async () => {
    await using scene = await startScene(
      byAgent({
        "/root": [replyWith(spawn("helper", "c1")), replyWith(wait("c2")), say("It failed.")],
        "/root/helper": [{ status: 400, body: { error: { message: "Bad request." } } } as never],
      }),
      settings,
      3,
    );
    const events = await scene.turn("delegate");
    const [, , last] = requestsOf(scene.server.requests, "/root");
    expect(mailOf(last)[0]).toMatch(/FINAL_ANSWER\n[^]*Payload:\nAgent errored: .*Bad request\./);
    expect(events.findLast(isAgentEvent)?.event.type).toBe("turnFailed");
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "It failed." });
    await reduceStrictly(scene.thread);
  });

  test("[core/AG3] is refused with a text the model can act on: names, limits, arguments", async () => {
    const refused: [args: object, text: string][] = [
      [
        { task_name: "Bad-Name" },
        "agent_name must use only lowercase letters, digits, and underscores",
      ],
      [{ task_name: "" }, "agent_name must not be empty"],
      [{ task_name: "root" }, "agent_name `root` is reserved"],
      [{ task_name: ".." }, "agent_name `..` is reserved"],
      [{ task_name: "a/b" }, "agent_name must not contain `/`"],
      [{ task_name: "a" }, "agent path `/root/a` already exists"],
      [{ task_name: "b", message: " " }, "Empty message can't be sent to an agent"],
      [{ task_name: "b", fork_turns: "some" }, "fork_turns must be `none` or `all`"],
      [
        { task_name: "b", model: "nope" },
        "Unknown model `nope` for spawn_agent. Available models: gpt-mock",
      ],
      [{ task_name: "b", agent_type: "nope" }, "unknown agent_type 'nope'"],
      [{ task_name: "b", bogus: 1 }, "failed to parse function arguments: unknown field `bogus`"],
      [{ task_name: "b" }, "collab spawn failed: agent thread limit reached"],
    ];
    await using scene = await startScene(
      byAgent({
        "/root": [
          replyWith(
            spawn("a", "c0"),
            ...refused.map(([args], at) => spawn("b", `c${at + 1}`, args)),
          ),
          say("Done."),
        ],
        "/root/a": [{ events: [gate("a")] }],
      }),
      { ...settings, subagents: { maxAgents: 1 } },
      3,
    );
    await scene.turn("delegate");
    const outputs = outputsOf(requestsOf(scene.server.requests, "/root")[1]);
    for (const [at, [, text]] of refused.entries()) {
      expect(outputs[`c${at + 1}`]).toContain(text);
    }
    await reduceStrictly(scene.thread);
  });

  test("[core/AG4] may start agents as deep as the thread allows, and in 0.171 where its model asks for it", async () => {
    const toolsOf = async (options: object, model = {}): Promise<string[]> => {
      await using scene = await startScene(
        byAgent({
          "/root": [replyWith(spawn("a", "c1")), replyWith(wait("c2")), say("Done.")],
          "/root/a": [say("Done.")],
        }),
        { ...settings, subagents: options, model: testModel(model) },
        3,
      );
      await scene.turn("delegate");
      const [child] = requestsOf(scene.server.requests, "/root/a");
      return toolNamesOf(child);
    };
    expect(await toolsOf({})).not.toContain("collaboration");
    expect(await toolsOf({ maxDepth: 2 })).toContain("collaboration");
    expect(await toolsOf({}, { multi_agent_version: "v2" })).toContain("collaboration");
    expect(await toolsOf({ maxDepth: 1 }, { multi_agent_version: "v2" })).not.toContain(
      "collaboration",
    );
  });

  test("[core/AG5] begins with its parent's conversation where it is asked to, and reads that it is another one", async () => {
    await using scene = await startScene(
      byAgent({
        "/root": [
          say("Hello."),
          replyWith(agentCall("spawn_agent", { task_name: "a", message: "Go on." }, "c1")),
          replyWith(wait("c2")),
          say("Done."),
        ],
        "/root/a": [say("Done.")],
      }),
      settings,
      3,
    );
    await scene.turn("first");
    await scene.turn("second");
    const [child] = requestsOf(scene.server.requests, "/root/a");
    const texts = JSON.stringify(child?.body);
    for (const text of ["first", "Hello.", "second", "From here on you are another agent"]) {
      expect(texts).toContain(text);
    }
    expect(blobOf(child)).toMatchObject({ history_initialization: "warm_fork" });
    expect(blobOf(child)["forked_from_thread_id"]).toBeUndefined();
    await reduceStrictly(scene.thread);
  });
});

test("[core/AG6] settings of agents that cannot work are refused", async () => {
  const wrong = [{ version: "v3" }, { maxAgents: 0 }, { maxDepth: 1.5 }, { minWaitMs: 4_000_000 }];
  for (const subagents of wrong) {
    await expect(startScene([], { subagents: subagents as never })).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining(`subagents.${Object.keys(subagents)[0]}`),
    });
  }
});
