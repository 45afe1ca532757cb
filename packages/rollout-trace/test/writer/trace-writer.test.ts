import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { TraceError, TraceWriteError, TraceWriter } from "@codex-ts/rollout-trace";
import { manualClock, temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { countingUuids, readEvents } from "../support/recording.ts";

function createWriter(
  root: string,
  more: { traceId?: string; rootThreadId?: string; schemaVersion?: 1 | 2 } = {},
) {
  return TraceWriter.create({
    schemaVersion: 2,
    root,
    rolloutId: "thread-a",
    rootThreadId: "thread-a",
    now: manualClock(1_700_000_000_000).now,
    randomUuid: countingUuids(),
    ...more,
  });
}

describe("a new bundle", () => {
  test("holds a manifest, an empty log and a folder for payloads, for the owner only", async () => {
    await using folder = await temporaryDirectory();
    const root = join(folder.path, "deep", "traces");
    const writer = createWriter(root);
    const bundle = join(root, "trace-00000000-0000-4000-8000-000000000001-thread-a");
    expect(writer.bundlePath).toBe(bundle);
    expect(readdirSync(bundle).toSorted()).toEqual(["manifest.json", "payloads", "trace.jsonl"]);
    expect(readFileSync(join(bundle, "manifest.json"), "utf8")).toBe(
      [
        "{",
        '  "schema_version": 2,',
        '  "trace_id": "00000000-0000-4000-8000-000000000001",',
        '  "rollout_id": "thread-a",',
        '  "root_thread_id": "thread-a",',
        '  "started_at_unix_ms": 1700000000000,',
        '  "raw_event_log": "trace.jsonl",',
        '  "payloads_dir": "payloads"',
        "}",
      ].join("\n"),
    );
    writer.writePayload("protocol_event", { type: "shutdown_complete" });
    expect(modeOf(root)).toBe(0o700);
    expect(modeOf(bundle)).toBe(0o700);
    expect(modeOf(join(bundle, "payloads"))).toBe(0o700);
    expect(modeOf(join(bundle, "manifest.json"))).toBe(0o600);
    expect(modeOf(join(bundle, "trace.jsonl"))).toBe(0o600);
    expect(modeOf(join(bundle, "payloads", "1.json"))).toBe(0o600);
  });

  test("is not made in a schema that is not known", async () => {
    await using folder = await temporaryDirectory();
    const error = errorOf(() => createWriter(folder.path, { schemaVersion: 9 as 1 }));
    expect(error).toMatchObject({ code: "trace_write_failed", cause: { name: "RangeError" } });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("is never made in a folder that is there", async () => {
    await using folder = await temporaryDirectory();
    await createWriter(folder.path, { traceId: "same" }).close();
    const error = errorOf(() => createWriter(folder.path, { traceId: "same" }));
    expect(error).toBeInstanceOf(TraceWriteError);
    expect(TraceError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: "trace_write_failed",
      bundlePath: join(folder.path, "trace-same-thread-a"),
      cause: { code: "EEXIST" },
    });
  });

  test("stays below its root whatever the ids are", async () => {
    await using folder = await temporaryDirectory();
    const root = join(folder.path, "root");
    const hostile = [
      "../../escaped",
      "/etc/passwd",
      "..",
      "a\0b",
      "a\\..\\b",
      "ü".repeat(300),
      "x".repeat(5000),
    ];
    for (const [index, id] of hostile.entries()) {
      const writer = createWriter(root, { traceId: `${index}${id}`, rootThreadId: id });
      writer.append({ type: "rollout_started", trace_id: id, root_thread_id: id });
      void writer.close();
      expect(readEvents(writer.bundlePath)).toHaveLength(1);
      const manifest = JSON.parse(readFileSync(join(writer.bundlePath, "manifest.json"), "utf8"));
      expect(manifest).toMatchObject({ trace_id: `${index}${id}`, root_thread_id: id });
    }
    expect(readdirSync(folder.path)).toEqual(["root"]);
    expect(readdirSync(root)).toHaveLength(hostile.length);
  });
});

describe("events and payloads", () => {
  test("are numbered without gaps, one line each, in the member order of Codex", async () => {
    await using folder = await temporaryDirectory();
    const writer = createWriter(folder.path);
    writer.append({ type: "rollout_started", trace_id: "t", root_thread_id: "thread-a" });
    const reference = writer.writePayload("protocol_event", { type: "warning", message: "ü\n" });
    expect(reference).toEqual({
      raw_payload_id: "raw_payload:1",
      kind: { type: "protocol_event" },
      path: "payloads/1.json",
    });
    const event = writer.append(
      { type: "codex_turn_started", codex_turn_id: "turn-a", thread_id: "thread-a" },
      { threadId: "thread-a", turnId: "turn-a" },
    );
    void writer.close();
    expect(event?.seq).toBe(2);
    const log = readFileSync(join(writer.bundlePath, "trace.jsonl"), "utf8");
    expect(log).toBe(
      '{"schema_version":2,"seq":1,"wall_time_unix_ms":1700000000000,"rollout_id":"thread-a","thread_id":null,"codex_turn_id":null,"payload":{"type":"rollout_started","trace_id":"t","root_thread_id":"thread-a"}}\n' +
        '{"schema_version":2,"seq":2,"wall_time_unix_ms":1700000000000,"rollout_id":"thread-a","thread_id":"thread-a","codex_turn_id":"turn-a","payload":{"type":"codex_turn_started","codex_turn_id":"turn-a","thread_id":"thread-a"}}\n',
    );
    expect(readFileSync(join(writer.bundlePath, "payloads", "1.json"), "utf8")).toBe(
      '{\n  "type": "warning",\n  "message": "ü\\n"\n}',
    );
  });

  test("hold whole milliseconds, whatever the clock gives", async () => {
    await using folder = await temporaryDirectory();
    const writer = TraceWriter.create({
      schemaVersion: 2,
      root: folder.path,
      rolloutId: "thread-a",
      rootThreadId: "thread-a",
      now: () => 1_700_000_000_000.75,
    });
    writer.append({ type: "rollout_ended", status: "completed" });
    const manifest = JSON.parse(readFileSync(join(writer.bundlePath, "manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ started_at_unix_ms: 1_700_000_000_000 });
    expect(readEvents(writer.bundlePath)[0]?.wall_time_unix_ms).toBe(1_700_000_000_000);
  });

  test.each([
    ["half a pair at the end", "cut \ud83d", "cut \ufffd"],
    ["half a pair inside", "a\udc00b\ud83dc", "a\ufffdb\ufffdc"],
    ["whole pairs", "😀\u0000\n", "😀\u0000\n"],
    ["text that looks like an escape", String.raw`\ud83d \\ud83d`, String.raw`\ud83d \\ud83d`],
    ["an escape and half a pair", `${String.raw`\ud83d`}\ud83d`, `${String.raw`\ud83d`}\ufffd`],
  ])("can be read by every JSON reader: %s", async (_, text, expected) => {
    await using folder = await temporaryDirectory();
    const writer = createWriter(folder.path);
    const path = writer.writePayload("protocol_event", { text })?.path ?? "missing";
    writer.append({ type: "rollout_started", trace_id: text, root_thread_id: "thread-a" });
    const payload = JSON.parse(readFileSync(join(writer.bundlePath, path), "utf8"));
    expect(payload).toEqual({ text: expected });
    expect(readEvents(writer.bundlePath)[0]?.payload).toMatchObject({ trace_id: expected });
  });

  test("are on the disk when the call returns", async () => {
    await using folder = await temporaryDirectory();
    const writer = createWriter(folder.path);
    for (let count = 1; count <= 5; count += 1) {
      const reference = writer.writePayload("protocol_event", { count });
      expect(existsSync(join(writer.bundlePath, reference?.path ?? "missing"))).toBe(true);
      writer.append({ type: "rollout_ended", status: "completed" });
      expect(
        readEvents(writer.bundlePath)
          .map(({ seq }) => seq)
          .at(-1),
      ).toBe(count);
    }
  });

  test("are not written after close", async () => {
    await using folder = await temporaryDirectory();
    const writer = createWriter(folder.path);
    void writer.close();
    void writer.close();
    expect(writer.state).toBe("off");
    expect(writer.writePayload("protocol_event", {})).toBeUndefined();
    expect(writer.append({ type: "rollout_ended", status: "completed" })).toBeUndefined();
    expect(readEvents(writer.bundlePath)).toEqual([]);
    expect(readdirSync(join(writer.bundlePath, "payloads"))).toEqual([]);
  });
});

test.skipIf(process.getuid?.() === 0)("a root that cannot be written is an error", async () => {
  await using folder = await temporaryDirectory();
  const root = join(folder.path, "read-only");
  mkdirSync(root);
  chmodSync(root, 0o500);
  expect(() => createWriter(root)).toThrow(TraceWriteError);
});

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

test.skipIf(!existsSync("/proc/self"))(
  "[trace/root-unmakeable] a root that cannot be made is an error at once, where Node would not return",
  () => {
    expect(() => createWriter("/proc/nothing/here")).toThrow(TraceWriteError);
    expect(() => createWriter("/proc/self/status/here")).toThrow(TraceWriteError);
  },
);
