import { openBundle, reduceBundle, type TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { recordEveryEvent } from "../support/every-event.ts";
import { brokenReferences, eventTypes, onlyBundle, startRoot } from "../support/recording.ts";

/** What a recorder can write, by schema. `thread_resumed` and `other` are read, never written. */
const TYPES = [
  "agent_result_observed",
  "code_cell_ended",
  "code_cell_initial_response",
  "code_cell_started",
  "codex_turn_ended",
  "codex_turn_started",
  "compaction_installed",
  "compaction_request_completed",
  "compaction_request_failed",
  "compaction_request_started",
  "inference_cancelled",
  "inference_completed",
  "inference_failed",
  "inference_started",
  "mcp_tool_call_correlation_assigned",
  "protocol_event_observed",
  "rollout_ended",
  "rollout_started",
  "thread_ended",
  "thread_started",
  "tool_call_ended",
  "tool_call_runtime_ended",
  "tool_call_runtime_started",
  "tool_call_started",
];
const SCHEMA_2_TYPES = ["history_item_accepted", "recording_completed", "stdin_target_resolved"];
const SCHEMA_3_TYPES = ["code_cell_wait_target_resolved"];

describe.each<TraceSchemaVersion>([1, 2, 3])("a run with every event, in schema %i", (schema) => {
  test("[trace/C3] is accepted by a strict reader", async () => {
    await using folder = await temporaryDirectory();
    const trace = startRoot(folder.path, { schemaVersion: schema });
    recordEveryEvent(trace);
    await trace.close();
    const bundle = onlyBundle(folder.path);
    expect([...new Set(eventTypes(bundle))].toSorted()).toEqual(
      [
        ...TYPES,
        ...(schema >= 2 ? SCHEMA_2_TYPES : []),
        ...(schema >= 3 ? SCHEMA_3_TYPES : []),
      ].toSorted(),
    );
    expect(brokenReferences(bundle)).toEqual([]);
    const { state, diagnostics } = await reduceBundle(openBundle(bundle), { mode: "strict" });
    expect(diagnostics).toEqual([]);
    expect(state.status).toBe("completed");
  });
});
