import { describe, expect, test } from "vitest";
import type { CodeCell, ReducedTrace } from "@codex-ts/rollout-trace/reducer";
import {
  bundle,
  CHILD,
  CHILD_TURN,
  customOutput,
  execItem,
  family,
  inChild,
  invocation,
  item,
  THREAD,
  TURN,
} from "../support/bundle-builder.ts";
import type { BundleBuilder } from "../support/bundle-builder.ts";

interface Cell {
  readonly runtime?: string;
  readonly call?: string;
  readonly place?: { readonly thread?: string | null; readonly turn?: string | null };
}

function start(
  builder: BundleBuilder,
  { runtime = "1", call = "c1", place = {} }: Cell = {},
): BundleBuilder {
  return builder.event(
    "code_cell_started",
    { runtime_cell_id: runtime, model_visible_call_id: call, source_js: "1+1" },
    place,
  );
}

function life(
  builder: BundleBuilder,
  what: "initial_response" | "ended",
  status: string,
  { runtime = "1", place = {} }: Cell = {},
): BundleBuilder {
  const response_payload = builder.payload("tool_result", { response: status });
  return builder.event(
    `code_cell_${what}`,
    { runtime_cell_id: runtime, status, response_payload },
    place,
  );
}

/** A bundle whose model asked for a cell. */
function asked(schema: 1 | 2): BundleBuilder {
  return bundle(schema)
    .request("a", [])
    .response("a", [execItem("c1", "1+1")]);
}

function cell(state: ReducedTrace, call = "c1"): CodeCell {
  const found = state.code_cells[`code_cell:${call}`];
  if (found === undefined) throw new Error("no cell");
  return found;
}

describe.each([1, 2] as const)("code cells, schema %i", (schema) => {
  test("[trace/A37] a yielded cell with a nested tool, a wait and an output", async () => {
    const builder = start(asked(schema));
    const started = builder.seq;
    builder.tool("n1", "exec_command", { call: null, cell: "1" });
    life(builder, "initial_response", "yielded").tool(
      "w1",
      { type: "other", name: "wait" },
      { invocation: invocation("wait", { cell_id: "1" }) },
    );
    const state = await life(builder, "ended", "completed")
      .request("b", [execItem("c1", "1+1"), customOutput("c1", "2")])
      .state();
    expect(cell(state)).toMatchObject({
      runtime_cell_id: "1",
      thread_id: THREAD,
      codex_turn_id: TURN,
      source_item_id: "conversation_item:1",
      output_item_ids: ["conversation_item:2"],
      execution: { status: "completed", started_seq: started, ended_seq: started + 4 },
      runtime_status: "completed",
      initial_response_seq: started + 2,
      yielded_seq: started + 2,
      source_js: "1+1",
      nested_tool_call_ids: ["n1"],
      wait_tool_call_ids: ["w1"],
    });
    expect(item(state, 2).produced_by).toEqual([
      { type: "code_cell", code_cell_id: "code_cell:c1" },
    ]);
    expect(state.tool_calls["n1"]?.requester).toEqual({
      type: "code_cell",
      code_cell_id: "code_cell:c1",
    });
    const { initial_response_status, raw_initial_response_payload_id, raw_result_payload_id } =
      cell(state);
    expect([
      initial_response_status,
      raw_initial_response_payload_id,
      raw_result_payload_id,
    ]).toEqual(
      schema === 2
        ? ["yielded", "raw_payload:3", "raw_payload:5"]
        : [undefined, undefined, undefined],
    );
  });

  test("[trace/A38] a cell that lived before its source was seen gets the times of its own events", async () => {
    const builder = start(bundle(schema).request("a", []));
    const started = builder.seq;
    life(builder, "initial_response", "failed");
    life(builder, "ended", "failed");
    expect((await builder.state()).code_cells).toEqual({});
    const state = await builder.response("a", [execItem("c1", "1+1")]).state();
    expect(cell(state)).toMatchObject({
      source_item_id: "conversation_item:1",
      execution: { status: "failed", started_seq: started, ended_seq: started + 2 },
      runtime_status: "failed",
      initial_response_seq: started + 1,
    });
  });

  test("[trace/A39] a cancelled turn terminates its running cell", async () => {
    const ends = {
      cancelled: ["terminated", "cancelled"],
      aborted: ["terminated", "cancelled"],
      failed: ["failed", "failed"],
    };
    for (const [turn, [runtime, execution]] of Object.entries(ends)) {
      const builder = start(asked(schema)).endTurn(turn);
      const found = cell(await builder.state());
      expect(found).toMatchObject({
        runtime_status: runtime,
        execution: { status: execution, ended_seq: builder.seq },
        initial_response_seq: builder.seq,
      });
    }
    const alive = life(start(asked(schema)), "initial_response", "yielded").endTurn("completed");
    expect(cell(await alive.state())).toMatchObject({
      execution: { status: "running" },
      runtime_status: "yielded",
    });
  });

  test("[trace/A40] one runtime id in two threads is two cells", async () => {
    const builder = family(schema)
      .request("a", [execItem("c1", "1"), customOutput("c1", "x")])
      .request("b", [execItem("c2", "2"), customOutput("c2", "y")], {}, inChild);
    start(builder);
    const state = await start(builder, { call: "c2", place: inChild }).state();
    expect(cell(state)).toMatchObject({
      thread_id: THREAD,
      output_item_ids: ["conversation_item:2"],
    });
    expect(cell(state, "c2")).toMatchObject({
      thread_id: CHILD,
      codex_turn_id: CHILD_TURN,
      output_item_ids: ["conversation_item:4"],
    });
  });

  test("[trace/B33] a wait without a readable cell id is refused, one for an unknown cell is ignored", async () => {
    for (const args of ["{broken", "[]", "{}", '{"cell_id":1}']) {
      const builder = bundle(schema).tool("w1", "web", { invocation: invocation("wait", args) });
      expect((await builder.refusal()).code).toBe("payload_shape");
    }
    const custom = { tool_name: "wait", payload: { type: "custom", input: "x" } };
    expect((await bundle(schema).tool("w1", "web", { invocation: custom }).refusal()).code).toBe(
      "payload_shape",
    );
    await bundle(schema)
      .tool("w1", "web", { invocation: invocation("wait", { cell_id: "7" }) })
      .state();
  });

  test("[trace/B34] a terminal first response does not end the execution", async () => {
    const state = await life(start(asked(schema)), "initial_response", "completed").state();
    expect(cell(state)).toMatchObject({
      runtime_status: "completed",
      execution: { status: "running", ended_seq: null },
    });
  });

  test("[trace/B34] an end before the first response", async () => {
    const builder = life(start(asked(schema)), "ended", "completed");
    const ended = builder.seq;
    const state = await life(builder, "initial_response", "yielded").state();
    expect(cell(state).initial_response_seq).toBe(schema === 1 ? ended : ended + 1);
    expect(cell(state).runtime_status).toBe("yielded");
  });

  test("[trace/B34] late events after a cancelled turn overwrite its end", async () => {
    const state = await life(
      start(asked(schema)).endTurn("cancelled"),
      "ended",
      "completed",
    ).state();
    expect(cell(state)).toMatchObject({
      runtime_status: "completed",
      execution: { status: "completed" },
    });
  });

  test("[trace/B34] a cell starts once, and a runtime id stays with its cell", async () => {
    expect((await start(start(asked(schema))).refusal()).code).toBe("duplicate");
    expect((await start(start(bundle(schema))).refusal()).code).toBe("duplicate");
    expect((await start(start(asked(schema)), { call: "c9" }).refusal()).code).toBe(
      "code_cell_conflict",
    );
  });

  test("[trace/B34] a queued cell without source never appears; one whose turn was cancelled starts as running", async () => {
    expect((await start(bundle(schema)).state()).code_cells).toEqual({});
    const state = await start(bundle(schema).request("a", []))
      .endTurn("cancelled")
      .response("a", [execItem("c1", "1")])
      .state();
    expect(cell(state)).toMatchObject({
      runtime_status: "starting",
      execution: { status: "running" },
    });
  });

  test("events of an unknown cell, without thread, or of a tool from an unknown cell are refused", async () => {
    expect((await life(bundle(schema), "ended", "completed").refusal()).code).toBe(
      "unknown_reference",
    );
    const nowhere = { place: { thread: null, turn: null } };
    expect((await start(asked(schema), nowhere).refusal()).code).toBe("context_mismatch");
    expect((await bundle(schema).tool("n1", "web", { cell: "9" }).refusal()).code).toBe(
      "unknown_reference",
    );
  });

  test("the thread of a cell may come from its turn", async () => {
    const state = await start(asked(schema), { place: { thread: null, turn: TURN } }).state();
    expect(cell(state).thread_id).toBe(THREAD);
  });
});

test("[trace/B35] schema 2 joins the model's exec call with its cell, whichever comes last", async () => {
  const exec = { type: "other", name: "exec" };
  const first = await start(asked(2).tool("c1", exec)).state();
  expect(first.tool_calls["c1"]?.started_code_cell_id).toBe("code_cell:c1");
  const last = await start(asked(2)).tool("c1", exec).state();
  expect(last.tool_calls["c1"]?.started_code_cell_id).toBe("code_cell:c1");
  const other = await start(asked(2)).tool("c1", { type: "other", name: "run" }).state();
  expect(other.tool_calls["c1"]).not.toHaveProperty("started_code_cell_id");
  const older = await start(asked(1)).tool("c1", exec).state();
  expect(older.tool_calls["c1"]).not.toHaveProperty("started_code_cell_id");
});

test("[trace/B35] a call that turns out to be of another kind is joined no more", async () => {
  const exec = { type: "other", name: "exec" };
  const later = async (...kinds: object[]): Promise<unknown> => {
    const builder = start(asked(2).tool("c1", exec));
    for (const kind of kinds) builder.runtimeStart("c1", {}, kind);
    return (await builder.state()).tool_calls["c1"]?.started_code_cell_id;
  };
  expect(await later(exec)).toBe("code_cell:c1");
  expect(await later({ type: "web" })).toBe(undefined);
  expect(await later({ type: "web" }, exec)).toBe("code_cell:c1");
});

test("[trace/S14] the status of a cell may be the key of an object", async () => {
  const ended = (status: unknown): BundleBuilder =>
    start(asked(2)).event("code_cell_ended", {
      runtime_cell_id: "1",
      status: status as string,
      response_payload: null,
    });
  expect(await ended({ failed: null }).state()).toStrictEqual(await ended("failed").state());
});

test("[trace/B35] a call of another turn is not joined with the cell, one without a turn is", async () => {
  const exec = { type: "other", name: "exec" };
  const joined = async (turn: string | null, toolFirst: boolean): Promise<unknown> => {
    const builder = asked(2).turn("turn-2");
    const addTool = (): BundleBuilder => builder.tool("c1", exec, { place: { turn } });
    if (toolFirst) addTool();
    start(builder);
    if (!toolFirst) addTool();
    return (await builder.state()).tool_calls["c1"]?.started_code_cell_id;
  };
  for (const toolFirst of [true, false]) {
    expect(await joined("turn-2", toolFirst)).toBe(undefined);
    expect(await joined(TURN, toolFirst)).toBe("code_cell:c1");
    expect(await joined(null, toolFirst)).toBe("code_cell:c1");
  }
});

test("[trace/B36] schema 1 takes items by the bytes of their ids, schema 2 by creation", async () => {
  // The same call in item 9 and, after a compaction, again in item 11.
  const build = (schema: 1 | 2): BundleBuilder => {
    const filler = Array.from({ length: 8 }, (_, index) => execItem(`x${index}`, "1"));
    const builder = bundle(schema).request("a", [...filler, execItem("c1", "1")]);
    builder.event("compaction_installed", {
      compaction_id: "k",
      checkpoint_payload: builder.payload("compaction_checkpoint", {
        input_history: [],
        replacement_history: [execItem("c1", "1")],
      }),
    });
    return builder.tool("c1", { type: "other", name: "exec" });
  };
  const calls = async (schema: 1 | 2): Promise<readonly string[] | undefined> =>
    (await build(schema).state()).tool_calls["c1"]?.model_visible_call_item_ids;
  expect(await calls(1)).toEqual(["conversation_item:11", "conversation_item:9"]);
  expect(await calls(2)).toEqual(["conversation_item:9", "conversation_item:11"]);
  expect(cell(await start(build(1)).state()).source_item_id).toBe("conversation_item:11");
  expect(cell(await start(build(2)).state()).source_item_id).toBe("conversation_item:9");
});
