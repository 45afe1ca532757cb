import { rmSync } from "node:fs";
import { join } from "node:path";
import { nodeFileSystem, TraceWriter, type TraceFileSystem } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { failingFileSystem } from "../support/failing-file-system.ts";
import {
  brokenReferences,
  eventTypes,
  message,
  NOTHING,
  onlyBundle,
  onlyEvent,
  readEvents,
  startRoot,
} from "../support/recording.ts";

/** One turn with two inferences and a tool call; never throws, whatever the disk does. */
function recordTurn(root: string, fileSystem: TraceFileSystem): string[] {
  const warnings: string[] = [];
  const thread = startRoot(root, {
    fileSystem,
    onWarning: (warning) => warnings.push(warning),
  });
  const turnId = "turn-a";
  thread.recordTurnStarted({ turnId });
  const inference = thread.inferenceContext({ turnId, model: "m", providerName: "p" });
  const first = inference.startAttempt();
  first.recordStarted({ input: [] });
  const dispatch = thread.startToolDispatch(() => ({
    turnId,
    toolCallId: "call-a",
    toolName: "exec_command",
    toolNamespace: null,
    payload: { type: "function", arguments: "{}" },
  }));
  first.recordCompleted({
    responseId: "r",
    upstreamRequestId: "q",
    tokenUsage: null,
    outputItems: [message("done", { id: "msg-a" })],
  });
  dispatch.recordFailed({ error: "no such program" });
  const second = inference.startAttempt();
  second.recordStarted({ input: [] });
  second.recordFailed({ ...NOTHING, error: "broken" });
  thread.recordTurnEnded({ turnId, status: "completed" });
  thread.recordEnded("completed");
  void thread.close();
  return warnings;
}

function countingOpenLogs(fileSystem: TraceFileSystem): {
  readonly fileSystem: TraceFileSystem;
  readonly openLogs: () => number;
} {
  let open = 0;
  const openNewLog: TraceFileSystem["openNewLog"] = (path) => {
    const log = fileSystem.openNewLog(path);
    open += 1;
    const close = (): void => {
      open -= 1;
      log.close();
    };
    return { append: (text) => log.append(text), close };
  };
  return { fileSystem: { ...fileSystem, openNewLog }, openLogs: () => open };
}

describe("a disk that fails", () => {
  test("[trace/C4] stops the recording with one warning, and no event names a missing file", async () => {
    for (let count = 0; count < 14; count += 1) {
      for (const kind of ["payloads", "appends"] as const) {
        await using folder = await temporaryDirectory();
        const disk = countingOpenLogs(failingFileSystem({ [kind]: count }));
        const warnings = recordTurn(folder.path, disk.fileSystem);
        expect(disk.openLogs()).toBe(0);
        const bundle = onlyBundle(folder.path);
        const events = readEvents(bundle);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
        expect(brokenReferences(bundle)).toEqual([]);
        const isIntact = eventTypes(bundle).includes("recording_completed");
        expect(warnings).toHaveLength(isIntact ? 0 : 1);
      }
    }
  });

  test("[trace/C4] ends what had begun when only payloads fail", async () => {
    await using folder = await temporaryDirectory();
    // Metadata, request and invocation fit; the response does not.
    const warnings = recordTurn(folder.path, failingFileSystem({ payloads: 3 }));
    const bundle = onlyBundle(folder.path);
    expect(warnings).toEqual([`rollout trace stopped: disk is full (${bundle})`]);
    expect(eventTypes(bundle)).toEqual([
      "rollout_started",
      "thread_started",
      "codex_turn_started",
      "inference_started",
      "tool_call_started",
      "inference_failed",
      "tool_call_ended",
      "codex_turn_ended",
      "thread_ended",
      "rollout_ended",
    ]);
    expect(onlyEvent(bundle, "inference_failed")).toMatchObject({
      upstream_request_id: "q",
      partial_response_payload: null,
    });
  });

  test("[trace/C4] records nothing of an attempt whose start was not recorded", async () => {
    await using folder = await temporaryDirectory();
    recordTurn(folder.path, failingFileSystem({ payloads: 1 }));
    const types = eventTypes(onlyBundle(folder.path));
    expect(types.filter((type) => type.startsWith("inference_"))).toEqual([]);
    expect(types.filter((type) => type.startsWith("tool_"))).toEqual([]);
    expect(types.at(-1)).toBe("rollout_ended");
  });

  test("[trace/C4] leaves the run alone when the bundle is removed under it", async () => {
    await using folder = await temporaryDirectory();
    const warnings: string[] = [];
    const thread = startRoot(folder.path, { onWarning: (warning) => warnings.push(warning) });
    thread.recordTurnStarted({ turnId: "turn-a" });
    rmSync(thread.bundlePath ?? "missing", { recursive: true });
    const attempt = thread
      .inferenceContext({ turnId: "turn-a", model: "m", providerName: "p" })
      .startAttempt();
    attempt.recordStarted({ input: [] });
    expect(thread.isEnabled).toBe(false);
    attempt.recordCompleted({ ...NOTHING, responseId: "r", tokenUsage: null });
    thread.recordProtocolEvent({ type: "warning", message: "on we go" });
    thread.recordEnded("completed");
    void thread.close();
    expect(warnings).toHaveLength(1);
  });

  test("a thread that cannot be started is disabled, with one warning", async () => {
    await using folder = await temporaryDirectory();
    const warnings: string[] = [];
    const thread = startRoot(join(folder.path, "file"), {
      fileSystem: {
        ...nodeFileSystem,
        makeDirectory() {
          throw new Error("read-only file system");
        },
      },
      onWarning: (warning) => warnings.push(warning),
    });
    expect(thread.isEnabled).toBe(false);
    expect(thread.bundlePath).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("read-only file system");
  });

  test("an observer that throws on a warning changes nothing", async () => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path, {
      fileSystem: failingFileSystem({ payloads: 1 }),
      onWarning: () => {
        throw new Error("observer is broken");
      },
    });
    thread.recordProtocolEvent({ type: "warning", message: "x" });
    expect(thread.isEnabled).toBe(false);
  });
});

describe("a value that JSON cannot express", () => {
  test("is left out with one warning that does not quote it, and the recording goes on", async () => {
    await using folder = await temporaryDirectory();
    const warnings: string[] = [];
    const writer = TraceWriter.create({
      schemaVersion: 2,
      root: folder.path,
      rolloutId: "thread-a",
      rootThreadId: "thread-a",
      onWarning: (warning) => warnings.push(warning),
    });
    const secret = {
      toJSON(): never {
        throw new Error("the secret is canary-of-the-error");
      },
    };
    expect(writer.writePayload("tool_result", secret)).toBeUndefined();
    expect(writer.writePayload("tool_result", { count: 1n })).toBeUndefined();
    expect(writer.state).toBe("recording");
    expect(writer.writePayload("tool_result", { count: 1 })?.raw_payload_id).toBe("raw_payload:1");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("tool_result");
    expect(warnings[0]).not.toContain("canary-of-the-error");
  });

  test("or that no reader can follow down is left out", async () => {
    await using folder = await temporaryDirectory();
    const writer = TraceWriter.create({
      schemaVersion: 2,
      root: folder.path,
      rolloutId: "thread-a",
      rootThreadId: "thread-a",
    });
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(writer.writePayload("tool_result", nested(119))).toBeDefined();
    expect(writer.writePayload("tool_result", nested(120))).toBeUndefined();
    expect(writer.writePayload("tool_result", `\n${" ".repeat(300)}`)).toBeDefined();
  });

  test("costs a completed attempt its items, not its ids", async () => {
    await using folder = await temporaryDirectory();
    const thread = startRoot(folder.path, { onWarning: () => {} });
    thread.recordTurnStarted({ turnId: "turn-a" });
    const attempt = thread
      .inferenceContext({ turnId: "turn-a", model: "m", providerName: "p" })
      .startAttempt();
    attempt.recordStarted({ input: [] });
    const text = 1n as unknown as string;
    attempt.recordCompleted({
      responseId: "r",
      upstreamRequestId: "q",
      tokenUsage: null,
      outputItems: [message(text)],
    });
    void thread.close();
    expect(onlyEvent(onlyBundle(folder.path), "inference_completed")).toMatchObject({
      response_id: "r",
      upstream_request_id: "q",
    });
  });
});
