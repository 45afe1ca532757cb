import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { memoryBundle, openBundle } from "@codex-ts/rollout-trace";
import { diagnose, joinWire, parseWireLog, readWireLog } from "@codex-ts/rollout-trace/wire";
import { isLongForm, seededRandom, temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";

const NO_CALLS = { inference_calls: {}, compaction_requests: {} };

const OPENED = {
  type: "wire_opened",
  wire_version: 1,
  trace_id: "t",
  rollout_id: "r",
  bundle_schema: 3,
  writer: { name: "w", version: "1", node: "24" },
  policy: { headers: "allow-list-1", bodies: "none" },
};
const STARTED = {
  type: "attempt_started",
  attempt_id: "a",
  request_kind: "turn",
  turn_id: "turn",
  transport: "http",
  endpoint: "responses",
  attempt_number: 0,
  method: "POST",
  url: "https://host.example/v1/responses",
  queued_at_ms: 1000,
  request: { bytes: 1, headers: [["accept", "x"]] },
};
const ENDED = {
  type: "attempt_ended",
  attempt_id: "a",
  request_kind: "turn",
  turn_id: "turn",
  outcome: "failed",
  redirects: 0,
  t: {
    credentials: 1,
    connected: 2,
    sent: 3,
    responded: null,
    first_byte: null,
    first_event: null,
    first_output: null,
    last_event: null,
    ended: 9,
  },
  response_bytes: 0,
  events: 0,
  max_gap_us: 0,
  max_gap_after: null,
  stalls: 0,
  error: { code: "network", reason: "refused", os_code: "ECONNREFUSED", message: "refused" },
  retry: { will_retry: false, reason: "not_retryable" },
};
const STALL = {
  type: "stall",
  attempt_id: "a",
  request_kind: "turn",
  gap_ms: 5000,
  after_event: null,
  events: 0,
};
const CLOSED = { type: "wire_closed", reason: "completed", records: 3, dropped: 0 };

function logOf(records: readonly object[]): string {
  return records
    .map((record, at) => `${JSON.stringify({ seq: at + 1, at_ms: 1000 + at, ...record })}\n`)
    .join("");
}

const WHOLE = logOf([OPENED, STARTED, ENDED, CLOSED]);

describe("a wire log", () => {
  test("is read from any source, and its absence is known", async () => {
    const source = memoryBundle({ "wire.jsonl": WHOLE });
    expect(await readWireLog(source)).toEqual(parseWireLog(WHOLE));
    expect(await readWireLog(memoryBundle({}))).toMatchObject({ isPresent: false, attempts: [] });
  });

  test("of a directory is no link that leads out of it", async () => {
    await using directory = await temporaryDirectory();
    const bundle = join(directory.path, "bundle");
    await mkdir(bundle);
    await writeFile(join(directory.path, "outside.jsonl"), WHOLE);
    await symlink(join(directory.path, "outside.jsonl"), join(bundle, "wire.jsonl"));
    const log = await readWireLog(openBundle(bundle));
    expect(log).toMatchObject({ records: [], diagnostics: [{ code: "unreadable" }] });
  });

  test("with a torn last line has everything before it", () => {
    const log = parseWireLog(WHOLE.slice(0, -20));
    expect(log.records).toHaveLength(3);
    expect(log.diagnostics).toMatchObject([{ code: "torn_line", line: 4 }]);
  });

  test("with lines nobody can use loses only those", () => {
    const log = parseWireLog(
      `${logOf([OPENED])}garbage\n[]\n{"seq":2,"at_ms":1,"type":"attempt_ended"}\n\n${JSON.stringify({ seq: 2, at_ms: 2, type: "of_tomorrow", more: 1 })}\n`,
    );
    expect(log.records.map(({ type }) => type)).toEqual(["wire_opened", "other"]);
    expect(log.diagnostics.map(({ code, line }) => [code, line])).toEqual([
      ["unreadable_record", 2],
      ["unreadable_record", 3],
      ["unreadable_record", 4],
    ]);
  });

  test("of a later version is read with a warning", () => {
    const log = parseWireLog(
      logOf([
        { ...OPENED, wire_version: 2 },
        { ...STARTED, more: [1] },
      ]),
    );
    expect(log.attempts).toHaveLength(1);
    expect(log.diagnostics).toMatchObject([{ code: "newer_version" }]);
  });

  test("with ids that mean something to JavaScript is read like any other", () => {
    const text = logOf([
      OPENED,
      { ...STARTED, attempt_id: "__proto__", inference_call_id: "__proto__" },
      { ...ENDED, attempt_id: "__proto__", inference_call_id: "__proto__" },
    ]);
    const joined = joinWire(NO_CALLS, parseWireLog(text));
    expect(joined.calls.get("__proto__")?.diagnosis?.code).toBe("connect_refused");
  });

  test("of lines that are none is not read to its end, and its open attempt did not die for that", () => {
    const log = parseWireLog(
      `${logOf([OPENED, STARTED])}${"{x\n".repeat(10_002)}${logOf([ENDED])}`,
    );
    expect(log.records).toHaveLength(2);
    expect(log.diagnostics).toHaveLength(21);
    expect(log.diagnostics.at(-1)).toMatchObject({ code: "too_large", line: 10_002 });
    expect(joinWire(NO_CALLS, log).requests[0]?.diagnosis).toBeUndefined();
  });

  test("of more stalls than a call takes arguments is told like any other", () => {
    const stall = { ...STALL, events: 7 };
    const [attempt] = parseWireLog(logOf([OPENED, STARTED, stall])).attempts;
    if (attempt === undefined) throw new Error("no attempt");
    const stalls = Array.from({ length: 200_000 }, () => attempt.stalls).flat();
    expect(diagnose([{ ...attempt, stalls }])?.sentence).toContain("streaming event 7");
  });

  test("whose line does not end is not read to its end", () => {
    const log = parseWireLog(`${logOf([OPENED])}${"x".repeat(2 * 1024 * 1024)}`);
    expect(log.records).toHaveLength(1);
    expect(log.diagnostics).toMatchObject([{ code: "too_large", line: 2 }]);
  });
});

describe("a process that died", () => {
  test("left its last attempt unfinished", () => {
    const log = parseWireLog(logOf([OPENED, STARTED]));
    const [request] = joinWire(NO_CALLS, log).requests;
    expect(request).toMatchObject({ outcome: "unfinished", diagnosis: { code: "process_died" } });
    expect(request?.diagnosis?.sentence).toBe(
      "The process ended while a request was waiting for the response.",
    );
  });

  test("in a wait after a failure left the reason of the wait", () => {
    const retry = {
      type: "retry_scheduled",
      by: "turn",
      after_attempt_id: "a",
      delay_ms: 30_000,
      delay_source: "backoff",
      reason: "network",
      number: 1,
      of: 3,
    };
    const log = parseWireLog(logOf([OPENED, STARTED, ENDED, retry]));
    expect(joinWire(NO_CALLS, log).requests[0]?.diagnosis).toMatchObject({
      code: "process_died",
      sentence:
        "The process ended while a request was waiting to be sent again. Before that: host.example could not be reached: the connection was refused (ECONNREFUSED).",
    });
  });

  test("in a request over a WebSocket is not said to have waited for its beginning", () => {
    const started = { ...STARTED, transport: "websocket", connection_id: "c", position: 1 };
    const [request] = joinWire(NO_CALLS, parseWireLog(logOf([OPENED, started]))).requests;
    expect(request?.diagnosis?.sentence).toContain("waiting for its response, or streaming it");
  });

  test("is not the reason where the trace has the end that the log has lost", () => {
    const started = { ...STARTED, inference_call_id: "call" };
    const execution = { started_at_unix_ms: 1000, ended_at_unix_ms: 1010, status: "completed" };
    const state = { ...NO_CALLS, inference_calls: { call: { execution } } } as never;
    const joined = joinWire(state, parseWireLog(logOf([OPENED, started])));
    expect(joined.requests).toMatchObject([{ outcome: "unfinished", diagnosis: undefined }]);
    expect(joined.diagnostics).toMatchObject([{ code: "lost_end" }]);
  });

  test("is not the reason where the log ended in order", () => {
    const { attempts } = parseWireLog(
      logOf([OPENED, STARTED, { ...CLOSED, reason: "size_limit" }]),
    );
    expect(diagnose(attempts)).toBeUndefined();
  });
});

test("the same attempts give the same text", () => {
  const first = diagnose(parseWireLog(WHOLE).attempts);
  expect(first?.sentence).toBe(
    "host.example could not be reached: the connection was refused (ECONNREFUSED).",
  );
  expect(diagnose(parseWireLog(WHOLE).attempts)).toEqual(first);
});

test("[rollout-trace/WL-12] damaged files are read without an exception, however they are damaged", () => {
  const random = seededRandom(20_261_130);
  const bytes = Buffer.from(WHOLE.repeat(3));
  const rounds = isLongForm ? 10_000 : 1000;
  for (let round = 0; round < rounds; round += 1) {
    const mutated = mutate(bytes, random);
    const log = parseWireLog(mutated);
    const { requests } = joinWire(NO_CALLS, log);
    for (const { attempts } of requests) diagnose(attempts);
    expect(log.isPresent).toBe(true);
  }
});

/** Bytes flipped, cut out, put twice, or replaced by another value of JSON. */
function mutate(original: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(original);
  for (let change = 0; change < 1 + random() * 6; change += 1) {
    const at = Math.floor(random() * bytes.length);
    const length = Math.floor(random() * 40);
    const kind = Math.floor(random() * 4);
    const middle =
      kind === 0
        ? Buffer.from([Math.floor(random() * 256)])
        : kind === 1
          ? Buffer.alloc(0)
          : kind === 2
            ? bytes.subarray(at, at + 2 * length)
            : Buffer.from(VALUES[Math.floor(random() * VALUES.length)] ?? "");
    const end = kind === 2 ? at : Math.min(bytes.length, at + (kind === 0 ? 1 : length));
    bytes = Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(end)]);
  }
  return bytes;
}

const VALUES = [
  "null",
  "-1",
  "1e999",
  '"\\ud800"',
  "{}",
  "[]",
  '"__proto__":',
  "true",
  "\n",
  "9007199254740993",
];
