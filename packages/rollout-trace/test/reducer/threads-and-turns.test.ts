import { describe, expect, test } from "vitest";
import { bundle, CHILD, emptyBundle, message, THREAD, TURN } from "./support/bundle-builder.ts";

const inNothing = { thread: null, turn: null };
const spawn = (members: object) => ({ session_source: { subagent: { thread_spawn: members } } });

describe.each([1, 2] as const)("threads, schema %i", (schema) => {
  test("[trace/A45] a spawned thread names its parent, its task and its role, and makes no edge by itself", async () => {
    const state = await bundle(schema)
      .thread(CHILD, "/root/x", {
        ...spawn({
          parent_thread_id: THREAD,
          depth: 1,
          agent_path: "/root/helper",
          agent_role: "explorer",
        }),
        agent_path: "/ignored",
        task_name: "look",
        nickname: "Ada",
        agent_role: "ignored",
        model: "m1",
      })
      .state();
    expect(state.threads[CHILD]).toMatchObject({
      agent_path: "/root/helper",
      nickname: "Ada",
      default_model: "m1",
      origin: {
        type: "spawned",
        parent_thread_id: THREAD,
        spawn_edge_id: `edge:spawn:${THREAD}:${CHILD}`,
        task_name: "look",
        agent_role: "explorer",
      },
    });
    expect(state.interaction_edges).toEqual({});
  });

  test("[trace/B8] where path, task and role come from", async () => {
    const thread = async (path: string, metadata?: object) =>
      (await emptyBundle(schema).thread("t", path, metadata).state()).threads["t"];
    expect(await thread("/event", { agent_path: "/metadata" })).toMatchObject({
      agent_path: "/metadata",
      origin: { type: "root" },
    });
    expect((await thread("/event", spawn({ depth: 1 })))?.origin).toEqual({ type: "root" });
    expect((await thread("/event", spawn({ parent_thread_id: 7 })))?.origin).toEqual({
      type: "root",
    });
    expect(
      (await thread("/root/a/b//", spawn({ parent_thread_id: "nobody" })))?.origin,
    ).toMatchObject({
      parent_thread_id: "nobody",
      task_name: "b",
      agent_role: "",
    });
    expect(await thread("/event")).toMatchObject({ nickname: null, default_model: null });
  });

  test("[trace/B8] metadata with a member of the wrong type is refused", async () => {
    for (const metadata of [{ model: 5 }, { nickname: [] }, { task_name: true }, "text"]) {
      const builder = emptyBundle(schema).thread("t", "/root", metadata);
      expect((await builder.refusal()).code).toBe("payload_shape");
      expect((await builder.tolerant()).state.threads["t"]?.agent_path).toBe("/root");
    }
  });

  test("a thread that starts twice is refused; the first stays", async () => {
    const builder = bundle(schema).thread(THREAD, "/root/again");
    expect((await builder.refusal()).code).toBe("duplicate");
    expect((await builder.tolerant()).state.threads[THREAD]?.agent_path).toBe("/root");
  });

  test("[trace/B9] the last of two ends counts, and work after an end is taken", async () => {
    const end = (status: string) => ({ thread_id: THREAD, status });
    const builder = bundle(schema)
      .event("thread_ended", end("failed"), inNothing)
      .event("thread_ended", end("aborted"), inNothing)
      .request("a", [message("user", "x")]);
    const { threads, status } = await builder.state();
    expect(threads[THREAD]?.execution).toMatchObject({ status: "aborted", ended_seq: 5 });
    expect(status).toBe("running");
    const unknown = bundle(schema).event("thread_ended", { thread_id: "no", status: "completed" });
    expect((await unknown.refusal()).code).toBe("unknown_reference");
  });

  test("the end of the rollout sets its status and time", async () => {
    const state = await bundle(schema)
      .event("rollout_ended", { status: "completed" }, { ...inNothing, at: 7777 })
      .state();
    expect(state).toMatchObject({ status: "completed", ended_at_unix_ms: 7777 });
  });

  test("turns need a thread, a new id, and an end that fits", async () => {
    expect((await bundle(schema).turn(TURN).refusal()).code).toBe("duplicate");
    expect((await bundle(schema).turn("t2", "nobody").refusal()).code).toBe("unknown_reference");
    expect((await bundle(schema).endTurn("completed", "nobody").refusal()).code).toBe(
      "unknown_reference",
    );
  });

  test("[trace/B10] a turn's end may lack a thread, must not name another, and may come twice", async () => {
    const other = bundle(schema)
      .thread(CHILD, "/root/c")
      .endTurn("completed", TURN, { thread: CHILD });
    expect((await other.refusal()).code).toBe("context_mismatch");
    const state = await bundle(schema)
      .endTurn("completed", TURN, { thread: null })
      .endTurn("failed")
      .state();
    expect(state.codex_turns[TURN]?.execution).toMatchObject({ status: "failed", ended_seq: 5 });
    expect(state.codex_turns[TURN]?.input_item_ids).toEqual([]);
  });

  test("[trace/B10] what a turn's end makes of a call that still runs", async () => {
    const ends = {
      completed: "cancelled",
      cancelled: "cancelled",
      failed: "failed",
      aborted: "aborted",
      running: "running",
    };
    for (const [turn, call] of Object.entries(ends)) {
      const state = await bundle(schema).request("a", []).endTurn(turn).state();
      expect(state.inference_calls["a"]?.execution.status).toBe(call);
    }
  });
});

test("[trace/B9] schema 2: an ended thread can be resumed, a running or unknown one can not", async () => {
  const end = { thread_id: THREAD, status: "completed" };
  const state = await bundle()
    .event("thread_ended", end, inNothing)
    .event("thread_resumed", { thread_id: THREAD })
    .state();
  expect(state.threads[THREAD]?.execution).toMatchObject({
    started_seq: 2,
    ended_at_unix_ms: null,
    ended_seq: null,
    status: "running",
  });
  const running = bundle().event("thread_resumed", { thread_id: THREAD });
  expect((await running.refusal()).code).toBe("context_mismatch");
  const unknown = bundle().event("thread_resumed", { thread_id: "nobody" });
  expect((await unknown.refusal()).code).toBe("unknown_reference");
});
