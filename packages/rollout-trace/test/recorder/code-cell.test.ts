import type { ThreadTrace } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import {
  eventsOf,
  eventTypes,
  onlyBundle,
  onlyEvent,
  readEvents,
  readPayload,
  ROOT_THREAD,
  startRoot,
} from "../support/recording.ts";

const TURN = "turn-a";
const start = {
  turnId: TURN,
  runtimeCellId: "1",
  modelVisibleCallId: "call-a",
  sourceJs: "text(1)",
} as const;

function startTurn(root: string): ThreadTrace {
  const thread = startRoot(root);
  thread.recordTurnStarted({ turnId: TURN });
  return thread;
}

describe("a code cell", () => {
  test.each([
    [{ Result: { cell_id: "1", content_items: [], error_text: null } }, "completed"],
    [{ Result: { cell_id: "1", content_items: [], error_text: "boom" } }, "failed"],
    [{ Terminated: { cell_id: "1", content_items: [] } }, "terminated"],
  ] as const)("that answers %j at once ends %s with the same answer", async (response, status) => {
    await using folder = await temporaryDirectory();
    startTurn(folder.path).startCodeCell(start).recordInitialResponse(response);
    const bundle = onlyBundle(folder.path);
    expect(onlyEvent(bundle, "code_cell_started")).toEqual({
      type: "code_cell_started",
      runtime_cell_id: "1",
      model_visible_call_id: "call-a",
      source_js: "text(1)",
    });
    const life = eventsOf(bundle, "code_cell_initial_response");
    expect(life.map((event) => [event.type, event.status])).toEqual([
      ["code_cell_initial_response", status],
    ]);
    const ended = onlyEvent(bundle, "code_cell_ended");
    expect(ended.status).toBe(status);
    expect(readPayload(bundle, life[0]?.response_payload)).toEqual({ response });
    expect(readPayload(bundle, ended.response_payload)).toEqual({ response });
    expect(readEvents(bundle).at(-1)).toMatchObject({
      thread_id: ROOT_THREAD,
      codex_turn_id: TURN,
    });
  });

  test("that yields lives on until a later call ends it, also in another turn", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    thread.startCodeCell(start).recordInitialResponse({ Yielded: { cell_id: "1" } });
    thread.recordTurnEnded({ turnId: TURN, status: "completed" });
    thread.recordTurnStarted({ turnId: "turn-b" });
    thread
      .codeCell({ turnId: "turn-b", runtimeCellId: "1" })
      .recordEnded({ Result: { cell_id: "1" } });
    const bundle = onlyBundle(folder.path);
    expect(onlyEvent(bundle, "code_cell_initial_response").status).toBe("yielded");
    expect(onlyEvent(bundle, "code_cell_ended").status).toBe("completed");
  });

  test("is not recorded under an id that was used, nor ended when it was not started", async () => {
    await using folder = await temporaryDirectory();
    const thread = startTurn(folder.path);
    thread.codeCell({ turnId: TURN, runtimeCellId: "1" }).recordEnded({ Terminated: {} });
    thread.startCodeCell(start);
    const again = thread.startCodeCell({ ...start, modelVisibleCallId: "call-b" });
    again.recordInitialResponse({ Yielded: {} });
    thread.startCodeCell({ ...start, runtimeCellId: "2" }).recordInitialResponse({ Yielded: {} });
    expect(eventTypes(onlyBundle(folder.path)).slice(3)).toEqual(["code_cell_started"]);
  });
});
