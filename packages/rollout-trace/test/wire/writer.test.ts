import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFileSystem } from "@codex-ts/rollout-trace";
import type { StartRootTraceOptions } from "@codex-ts/rollout-trace";
import { parseWireLog } from "@codex-ts/rollout-trace/wire";
import type { WireRecord } from "@codex-ts/rollout-trace/wire";
import { temporaryDirectory } from "@codex-ts/test-support";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { childMetadata, onlyBundle, startRoot } from "../support/recording.ts";
import { CLOSED, OPENED, endedAttempt, startedAttempt } from "./attempts.ts";

const schema = JSON.parse(
  readFileSync(new URL("../../schema/wire-log.schema.json", import.meta.url), "utf8"),
) as object;
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

/** Records, and reads the lines as they are. */
async function record(
  write: (trace: ReturnType<typeof startRoot>) => void,
  options: Partial<StartRootTraceOptions> = {},
): Promise<{ readonly lines: string[]; readonly records: readonly WireRecord[] }> {
  await using directory = await temporaryDirectory();
  const trace = startRoot(directory.path, options);
  write(trace);
  await trace.close();
  const text = readFileSync(join(onlyBundle(directory.path), "wire.jsonl"), "utf8");
  return { lines: text.split("\n").slice(0, -1), records: parseWireLog(text).records };
}

const CALL = { inferenceCallId: "call-1", turnId: "turn-1", requestKind: "turn" };
const LONG = "x".repeat(1024 * 1024);

/** One of every record, with everything a record can have. */
function everything(trace: ReturnType<typeof startRoot>): void {
  const observer = trace.wire.observerOf({ ...CALL, compactionRequestId: "compaction_request:1" });
  const started = startedAttempt({ connectionId: "connection-1", position: 1 });
  observer?.onAttemptStarted(started);
  observer?.onConnectionOpened(OPENED);
  observer?.onAttemptResponded({
    attemptId: "attempt-1",
    status: 200,
    responseHeaders: [["x-request-id", "req-1"]],
    upstreamRequestId: "req-1",
    durationMs: 1,
    respondedUs: 4,
  });
  observer?.onStreamFrame?.({
    attemptId: "attempt-1",
    direction: "in",
    bytes: 5,
    eventName: "response.created",
    atUs: 6,
  });
  observer?.onStreamStalled({
    attemptId: "attempt-1",
    gapMs: 5000,
    afterEvent: undefined,
    eventCount: 0,
  });
  observer?.onAttemptEnded(
    endedAttempt({
      ...started,
      outcome: "failed",
      closeCode: 1011,
      closeReason: "why",
      closedBy: "server",
      osCode: "ECONNRESET",
      error: {
        code: "stream",
        reason: "closed_early",
        message: "m",
        serverCode: "code",
        status: 500,
      },
      idleTimeout: true,
      retry: {
        willRetry: true,
        delayMs: 200.4,
        reason: "network",
        delaySource: "backoff",
        number: 1,
        maxRetries: 4,
      },
    }),
  );
  trace.wire.authRecovered({
    ...CALL,
    step: "refresh",
    outcome: "refused",
    status: 401,
    code: "expired",
    durationMs: 1.5,
  });
  trace.wire.retryScheduled({
    ...CALL,
    delayMs: 1.2,
    delaySource: "retry_after",
    reason: "stream",
    number: 1,
    maxRetries: 5,
  });
  trace.wire.transportSwitched({ ...CALL, from: "websocket", to: "http", cause: "upgrade_426" });
  observer?.onConnectionClosed(CLOSED);
}

describe("[rollout-trace/WL-12] the published schema", () => {
  test("is the one the reader uses", async () => {
    const { WIRE_LOG_SCHEMA } = await import("@codex-ts/rollout-trace/wire");
    expect(schema, "run `pnpm --filter @codex-ts/rollout-trace run write:wire-schema`").toEqual(
      WIRE_LOG_SCHEMA,
    );
  });

  test("fits every line, of every kind", async () => {
    const { lines, records } = await record(everything, { wireLog: "frames" });
    const invalid = lines.filter((line) => !validate(JSON.parse(line)));
    expect(invalid).toEqual([]);
    expect(new Set(records.map(({ type }) => type))).toEqual(
      new Set([
        "wire_opened",
        "attempt_started",
        "connection_opened",
        "attempt_responded",
        "frames",
        "stall",
        "attempt_ended",
        "retry_scheduled",
        "auth",
        "transport_switched",
        "connection_closed",
        "wire_closed",
      ]),
    );
    expect(records).toHaveLength(lines.length);
  });

  test("refuses what is no record", () => {
    expect(validate({ seq: 1, at_ms: 1, type: "wire_closed" })).toBe(false);
    expect(validate({ seq: 0, at_ms: 1, type: "stall" })).toBe(false);
  });
});

describe("[rollout-trace/WL-11] limits", () => {
  test("a header and an error of a megabyte make short lines", async () => {
    const { lines, records } = await record((trace) => {
      const observer = trace.wire.observerOf(CALL);
      observer?.onAttemptStarted(startedAttempt({ url: `https://h.example/${LONG}` }));
      observer?.onAttemptResponded({
        attemptId: "attempt-1",
        status: 500,
        responseHeaders: [
          ["x-request-id", LONG],
          ...Array.from({ length: 500 }, (_, at) => [`x-codex-${at}`, LONG] as const),
        ],
        upstreamRequestId: LONG,
        durationMs: 1,
        respondedUs: 1,
      });
      const error = {
        code: "http_status",
        status: 500,
        message: LONG,
        serverMessage: "é".repeat(1e6),
        serverCode: LONG,
      };
      observer?.onAttemptEnded(endedAttempt({ outcome: "failed", error, maxGapAfter: LONG }));
    });
    expect(lines.every((line) => Buffer.byteLength(line) < 16 * 1024)).toBe(true);
    expect(lines.filter((line) => !validate(JSON.parse(line)))).toEqual([]);
    const responded = records.find(({ type }) => type === "attempt_responded");
    expect(responded).toMatchObject({ cut: true, headers: [], status: 500 });
    const ended = records.find((each) => each.type === "attempt_ended");
    expect(Buffer.byteLength(ended?.error?.message ?? "")).toBeLessThanOrEqual(500);
    expect(ended?.error?.message).toMatch(/^é+…$/);
  });

  test("texts of control characters make lines that are short, and still records", async () => {
    const control = "\u0001".repeat(4000);
    const { lines, records } = await record(
      (trace) => {
        const observer = trace.wire.observerOf(CALL);
        observer?.onAttemptStarted(startedAttempt());
        for (let at = 0; at < 256; at += 1) {
          observer?.onStreamFrame?.({
            attemptId: "attempt-1",
            direction: "in",
            bytes: 4_000_000_000,
            eventName: `${at}${control}`,
            atUs: at * 1e12,
          });
        }
        observer?.onAttemptEnded(
          endedAttempt({
            outcome: "failed",
            responseHeaders: [
              ["x-request-id", control],
              ["x-oai-request-id", control],
              ["cf-ray", control],
            ],
            responseId: control,
            maxGapAfter: control,
            closeCode: 1011,
            closeReason: control,
            closedBy: "server",
            error: { code: "retryable", message: control, serverCode: control },
          }),
        );
      },
      { wireLog: "frames" },
    );
    expect(lines.every((line) => Buffer.byteLength(line) < 16 * 1024)).toBe(true);
    expect(lines.filter((line) => !validate(JSON.parse(line)))).toEqual([]);
    expect(records).toHaveLength(lines.length);
    expect(records.find(({ type }) => type === "frames")).not.toHaveProperty("cut");
    expect(records.find(({ type }) => type === "attempt_ended")).toMatchObject({ cut: true });
  });

  test("ten thousand stalls stay below the size at which the log ends", async () => {
    const { lines } = await record((trace) => {
      const observer = trace.wire.observerOf(CALL);
      observer?.onAttemptStarted(startedAttempt());
      for (let at = 0; at < 10_000; at += 1) {
        observer?.onStreamStalled({
          attemptId: "attempt-1",
          gapMs: at,
          afterEvent: "e",
          eventCount: at,
        });
      }
    });
    expect(lines).toHaveLength(10_003);
    expect(lines.join("\n").length).toBeLessThan(32 * 1024 * 1024);
  });

  test("a large log leaves the dispensable out, and then ends", { timeout: 60_000 }, async () => {
    let bytes = 0;
    const sink = {
      ...nodeFileSystem,
      openNewLog: (path: string) =>
        path.endsWith("wire.jsonl")
          ? {
              append: (line: string | Uint8Array) => {
                bytes += line.length;
                last = String(line);
              },
              close: () => {},
            }
          : nodeFileSystem.openNewLog(path),
    };
    let last = "";
    await using directory = await temporaryDirectory();
    const trace = startRoot(directory.path, { fileSystem: sink });
    const observer = trace.wire.observerOf(CALL);
    const headers = Array.from(
      { length: 6 },
      (_, at) => [`x-codex-${at}`, "y".repeat(2000)] as const,
    );
    const respond = (): void =>
      observer?.onAttemptResponded({
        attemptId: "attempt-1",
        status: 200,
        responseHeaders: headers,
        upstreamRequestId: undefined,
        durationMs: 1,
        respondedUs: 1,
      });
    observer?.onAttemptStarted(startedAttempt());
    // oxlint-disable-next-line no-unmodified-loop-condition -- the file system counts them
    while (bytes < 32 * 1024 * 1024) respond();
    const before = bytes;
    observer?.onStreamStalled({ attemptId: "attempt-1", gapMs: 1, afterEvent: "e", eventCount: 1 });
    expect(bytes).toBe(before);
    for (let at = 0; at < 4000; at += 1) respond();
    expect(JSON.parse(last)).toMatchObject({
      type: "wire_closed",
      reason: "size_limit",
      dropped: 1,
    });
    expect(bytes).toBeLessThan(65 * 1024 * 1024);
    await trace.close();
  });
});

test("a disk that fails ends the wire log with one warning, and not the trace", async () => {
  const warnings: string[] = [];
  await using directory = await temporaryDirectory();
  const trace = startRoot(directory.path, {
    onWarning: (warning) => warnings.push(warning),
    fileSystem: {
      ...nodeFileSystem,
      openNewLog(path) {
        if (path.endsWith("wire.jsonl")) throw new Error("disk is full");
        return nodeFileSystem.openNewLog(path);
      },
    },
  });
  everything(trace);
  expect(trace.isEnabled).toBe(true);
  expect(warnings).toEqual([
    expect.stringMatching(/^the wire log stopped: disk is full \(.*wire\.jsonl\)$/),
  ]);
  await trace.close();
});

test("what is no header of the list is noted by its name alone, and a URL has no values", async () => {
  const { lines } = await record((trace) => {
    trace.wire.observerOf(CALL)?.onAttemptStarted(
      startedAttempt({
        url: "https://user:word@h.example/v1/responses?api-version=7&key=canary#canary",
        requestHeaders: [
          ["Cookie", "canary"],
          ["x-own", "canary"],
          ["session-id", "s"],
          ["x-codex-turn-state", "canary"],
        ],
      }),
    );
  });
  expect(lines.join("")).not.toContain("canary");
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({
    url: "https://h.example/v1/responses?api-version=7&key=…",
    request: {
      headers: [
        ["cookie", null],
        ["x-own", null],
        ["session-id", "s"],
        ["x-codex-turn-state", null],
      ],
    },
  });
});

test("of a stream that broke its own reason is kept, not what came in place of a response", async () => {
  const { records } = await record((trace) => {
    trace.wire.observerOf(CALL)?.onAttemptEnded(
      endedAttempt({
        outcome: "failed",
        error: {
          code: "stream",
          reason: "connection_lost",
          message: "other side closed; the response is no event stream; it says: canary",
          serverMessage: "canary",
        },
      }),
    );
  });
  const ended = records.find(({ type }) => type === "attempt_ended");
  expect(ended).toMatchObject({ error: { message: "other side closed" } });
});

test("a clock that is set back does not make a later record an earlier one", async () => {
  const times = [5000, 1000, 6000, 2000];
  const { records } = await record((trace) => everything(trace), {
    now: () => times.shift() ?? 3000,
  });
  const at = records.map(({ at_ms }) => at_ms);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
});

test("a child writes into the file of its root, until the last of them is closed", async () => {
  const { records } = await record((trace) => {
    const child = trace.startChild(childMetadata());
    child.wire.observerOf(CALL)?.onAttemptStarted(startedAttempt());
    void child.close();
    trace.wire.observerOf(CALL)?.onAttemptStarted(startedAttempt({ attemptId: "attempt-2" }));
  });
  expect(records.map(({ type }) => type)).toEqual([
    "wire_opened",
    "attempt_started",
    "attempt_started",
    "wire_closed",
  ]);
});
