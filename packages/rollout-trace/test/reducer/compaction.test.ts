import { describe, expect, test } from "vitest";
import {
  bundle,
  conversation,
  item,
  message,
  numberOf,
  requestItems,
  THREAD,
  TURN,
} from "./support/bundle-builder.ts";
import type { BundleBuilder } from "./support/bundle-builder.ts";

const user = message("user", "u");
const answer = message("assistant", "a");

function start(builder: BundleBuilder, request = "r1", compaction = "k1"): BundleBuilder {
  return builder.event("compaction_request_started", {
    compaction_id: compaction,
    compaction_request_id: request,
    thread_id: THREAD,
    codex_turn_id: TURN,
    model: "m",
    provider_name: "p",
    request_payload: builder.payload("compaction_request", { input: [] }),
  });
}

function complete(builder: BundleBuilder, request = "r1", compaction = "k1"): BundleBuilder {
  return builder.event("compaction_request_completed", {
    compaction_id: compaction,
    compaction_request_id: request,
    response_payload: builder.payload("compaction_response", { output_items: [] }),
  });
}

function install(
  builder: BundleBuilder,
  { input = [user], replacement = [user], id = "k1", place = {} } = {},
): BundleBuilder {
  const checkpoint = { input_history: input, replacement_history: replacement };
  return builder.event(
    "compaction_installed",
    { compaction_id: id, checkpoint_payload: builder.payload("compaction_checkpoint", checkpoint) },
    place,
  );
}

describe.each([1, 2] as const)("compaction, schema %i", (schema) => {
  test.each([
    ["[trace/A30] a compaction", "compaction"],
    ["[trace/A31] a context compaction", "context_compaction"],
  ])("%s replaces history by new items, even equal ones", async (_, type) => {
    const summary = { type, encrypted_content: "e" };
    const builder = complete(start(bundle(schema).request("a", [user, answer])));
    install(builder, { input: [user, answer], replacement: [user, summary] });
    const state = await builder
      .request("b", [message("developer", "again"), user, summary])
      .state();
    expect(state.compactions["k1"]).toEqual({
      compaction_id: "k1",
      thread_id: THREAD,
      codex_turn_id: TURN,
      installed_at_unix_ms: 1000 + (builder.seq - 1) * 10,
      marker_item_id: "conversation_item:3",
      request_ids: ["r1"],
      input_item_ids: ["conversation_item:1", "conversation_item:2"],
      replacement_item_ids: ["conversation_item:4", "conversation_item:5"],
    });
    expect(item(state, 3)).toMatchObject({
      kind: "compaction_marker",
      role: "assistant",
      channel: null,
      body: { parts: [] },
      produced_by: [{ type: "compaction", compaction_id: "k1" }],
    });
    expect(requestItems(state, "b")).toEqual([6, 4, 5]);
    expect(conversation(state)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(state.compaction_requests["r1"]).toMatchObject({
      execution: { status: "completed" },
      raw_response_payload_id: "raw_payload:3",
    });
  });

  test("a failed request has no response; unknown ones and other compactions are refused", async () => {
    const members = { compaction_id: "k1", compaction_request_id: "r1", error: "no" };
    const failed = start(bundle(schema)).event("compaction_request_failed", members);
    expect((await failed.state()).compaction_requests["r1"]).toMatchObject({
      execution: { status: "failed" },
      raw_response_payload_id: null,
    });
    expect((await bundle(schema).event("compaction_request_failed", members).refusal()).code).toBe(
      "unknown_reference",
    );
    expect((await complete(start(bundle(schema)), "r1", "k2").refusal()).code).toBe(
      "context_mismatch",
    );
    expect((await start(start(bundle(schema))).refusal()).code).toBe("duplicate");
  });

  test("an installation needs its context, both lists, and a new id", async () => {
    const nowhere = install(bundle(schema), { place: { thread: THREAD, turn: null } });
    expect((await nowhere.refusal()).code).toBe("context_mismatch");
    expect((await install(install(bundle(schema))).refusal()).code).toBe("duplicate");
    for (const checkpoint of [{ input_history: [] }, { replacement_history: [] }]) {
      const builder = bundle(schema);
      builder.event("compaction_installed", {
        compaction_id: "k1",
        checkpoint_payload: builder.payload("compaction_checkpoint", checkpoint),
      });
      expect((await builder.refusal()).code).toBe("payload_shape");
    }
  });

  test("[trace/B42] a second compaction without a request matches the old snapshot again", async () => {
    const builder = install(bundle(schema).request("a", [user]), { replacement: [answer] });
    const state = await install(builder, {
      id: "k2",
      input: [user],
      replacement: [answer],
    }).state();
    expect(state.compactions["k2"]?.input_item_ids).toEqual(["conversation_item:1"]);
    expect(state.compactions["k2"]?.replacement_item_ids.map(numberOf)).toEqual([5]);
  });

  test("[trace/B42] an incremental request leaves the replacement waiting", async () => {
    const builder = bundle(schema).request("a", [user]).response("a", [], { responseId: "resp-1" });
    install(builder, { replacement: [answer] });
    const state = await builder
      .request("b", [message("user", "delta")], { previous_response_id: "resp-1" })
      .request("c", [answer])
      .state();
    expect(requestItems(state, "b")).toEqual([1, 4]);
    expect(requestItems(state, "c")).toEqual([3]);
  });

  test("[trace/B42] requests that start after the installation are not its requests", async () => {
    const builder = install(start(bundle(schema)));
    expect((await start(builder, "r2").state()).compactions["k1"]?.request_ids).toEqual(["r1"]);
  });
});

test("[trace/B14] [trace/B42] schema 2: a response that arrives after a compaction does not extend history", async () => {
  const late = async (schema: 1 | 2): Promise<number[]> => {
    const builder = install(bundle(schema).request("a", [user]), { replacement: [] });
    builder.response("a", [answer]);
    // A second compaction shows the snapshot: its input finds the answer there, or makes it new.
    const state = await install(builder, { id: "k2", input: [answer], replacement: [] }).state();
    return (state.compactions["k2"]?.input_item_ids ?? []).map(numberOf);
  };
  expect(await late(1)).toEqual([3]);
  expect(await late(2)).toEqual([4]);
});
