import { expect, test } from "vitest";
import * as everything from "@codex-ts/rollout-trace";
import * as recorder from "@codex-ts/rollout-trace/recorder";

test("the recorder entry has the writing half of the package and nothing else", () => {
  expect(Object.keys(recorder).toSorted()).toEqual([
    "CodeCellTrace",
    "CompactionAttempt",
    "CompactionTraceContext",
    "DROPPED_STREAM_REASON",
    "INFERENCE_CALL_ID_HEADER",
    "InferenceAttempt",
    "InferenceTraceContext",
    "MCP_CALL_ID_META_KEY",
    "McpCallTrace",
    "ThreadTrace",
    "ToolDispatchTrace",
    "TraceError",
    "TraceWriteError",
    "TraceWriter",
    "WireRecorder",
    "nodeFileSystem",
  ]);
  // One class each, whichever entry it comes from: what one makes the other takes.
  expect(everything).toMatchObject(recorder);
});
