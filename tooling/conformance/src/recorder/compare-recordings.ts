import { join } from "node:path";
import type { Compatibility } from "@codex-ts/protocol";
import { toComparable } from "../compare/comparable.ts";
import { runDifferences } from "../compare/differences.ts";
import type { Difference } from "../compare/differences.ts";
import { replaceIds } from "../compare/replace-ids.ts";
import { CODEX_VERSIONS } from "../programs/generations.ts";
import { expectedRun } from "../recorded/expected.ts";
import { observeRecording } from "../recorded/recorded-run.ts";
import {
  RECORDED_PLACES,
  folderOf,
  readRecordedScenario,
  readRecording,
} from "../recorded/recorded-scenario.ts";
import { threadByThread } from "../recorded/thread-order.ts";
import type { Recorder } from "./prepare-recorder.ts";

/** What differs between a recording of real Codex and one of ours, made with the same scenario. */
export async function compareRecordings(
  name: string,
  compatibility: Compatibility,
  folder: string,
  recorder: Recorder,
): Promise<readonly Difference[]> {
  const expected = expectedRun(readRecordedScenario(name, compatibility));
  const actual = observeRecording(readRecording(name, compatibility, folder));
  const comparable = (run: typeof actual) =>
    toComparable(replaceIds(threadByThread(run), RECORDED_PLACES));
  const shapes = recorder.shapeDifferences(
    join(folderOf(CODEX_VERSIONS[compatibility]), name),
    join(folder, name),
  );
  return [
    ...runDifferences(comparable(expected), comparable(actual)),
    ...shapes.map((line) => ({ field: "trace.shape", expected: "the same", actual: line })),
  ];
}
