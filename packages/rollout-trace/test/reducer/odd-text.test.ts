import { describe, expect, test } from "vitest";
import { memoryBundle, reduceBundle } from "@codex-ts/rollout-trace/reducer";
import { bundle, CHILD, family, invocation, THREAD } from "./support/bundle-builder.ts";
import type { BundleBuilder } from "./support/bundle-builder.ts";

// What a reader sees only in the text: how numbers are written, names that come twice, members nobody reads.
// Source: observed with the real 0.140 and 0.169, one hand-made bundle per line.

const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

/** Whether strict reading takes the bundle after the text of one file was changed. */
async function takes(
  builder: BundleBuilder,
  file: "trace.jsonl" | "manifest.json",
  from: string | RegExp,
  to: string,
): Promise<boolean> {
  const files = builder.files();
  const text = String(files[file]);
  const changed = text.replace(from, () => to);
  if (changed === text) throw new Error(`nothing to replace in ${file}`);
  const source = memoryBundle({ ...files, [file]: changed });
  const { diagnostics } = await reduceBundle(source);
  const isTaken = await reduceBundle(source, { mode: "strict" }).then(
    () => true,
    () => false,
  );
  if (isTaken) expect(diagnostics).toEqual([]);
  return isTaken;
}

describe.each([1, 2] as const)("text of schema %i", (schema) => {
  const line = (from: string | RegExp, to: string): Promise<boolean> =>
    takes(bundle(schema), "trace.jsonl", from, to);
  const manifest = (from: string | RegExp, to: string): Promise<boolean> =>
    takes(bundle(schema), "manifest.json", from, to);

  test("[trace/B60] members nobody reads may be nested to any depth and hold half a surrogate pair", async () => {
    for (const value of [
      deep(127),
      deep(5000),
      '"\\ud83d"',
      '["\\udc00x", {"a]":"}\\""}]',
      "1e400",
    ]) {
      expect(await line('"seq":1,', `"seq":1,"extra":${value},`)).toBe(true);
      expect(await manifest("{", `{"extra":${value},`)).toBe(true);
    }
    expect(await line('"seq":1,', '"seq":1,"extra\\ud83d":1,')).toBe(false);
    // Inside the payload everything is read into memory first.
    expect(await line('"payload":{', `"payload":{"extra":${deep(125)},`)).toBe(true);
    expect(await line('"payload":{', `"payload":{"extra":${deep(126)},`)).toBe(false);
    expect(await line('"payload":{', '"payload":{"extra":"\\ud83d",')).toBe(false);
  });

  test("[trace/B61] a member that is read may not come twice, any other may", async () => {
    expect(await line('"seq":1,', '"seq":1,"seq":1,')).toBe(false);
    expect(await line('"seq":1,', '"seq":1,"model":1,"model":2,')).toBe(true);
    expect(await line('"payload":{', '"payload":{"status":1,"status":2,')).toBe(true);
    expect(await line('"payload":{', '"payload":{"trace_id":"t",')).toBe(false);
    expect(await manifest("{", '{"trace_id":"t",')).toBe(false);
    expect(await manifest("{", '{"extra":1,"extra":2,')).toBe(true);
  });

  test("[trace/B62] whole numbers of a line or manifest are written as such and fit", async () => {
    const time = /"wall_time_unix_ms":\d+/;
    const started = /"started_at_unix_ms":\d+/;
    for (const good of ["9223372036854775807", "-9223372036854775808", "-1"]) {
      expect(await line(time, `"wall_time_unix_ms":${good}`)).toBe(true);
      expect(await manifest(started, `"started_at_unix_ms":${good}`)).toBe(true);
    }
    for (const bad of ["-0", "1.0", "1e3", "9223372036854775808", "9223372036854776000"]) {
      expect(await line(time, `"wall_time_unix_ms":${bad}`)).toBe(false);
      expect(await manifest(started, `"started_at_unix_ms":${bad}`)).toBe(false);
    }
    for (const bad of ["-0", "-1", "1.0", "4294967296"])
      expect(await manifest(`"schema_version":${schema}`, `"schema_version":${bad}`)).toBe(false);
  });

  test("[trace/B63] a payload without a path is missing, not outside", async () => {
    const builder = bundle(schema);
    const reference = { ...builder.payload("protocol_event", {}), path: "" };
    builder.event("protocol_event_observed", { event_type: "x", event_payload: reference });
    expect(await builder.verdict()).toBe(schema === 1 ? "reduces" : "payload_missing");
  });
});

describe.each([1, 2] as const)("bodies of schema %i", (schema) => {
  const place = { thread: THREAD, turn: "turn-1" };

  /** Strict reading of a runtime end whose text matters. */
  const endOf = (kind: string, text: string): Promise<string> => {
    const builder = family(schema).tool("c1", kind, {
      invocation: invocation("x", { message: "look around" }),
    });
    const runtime_payload = builder.payloadText("tool_runtime_event", text);
    return builder
      .event(
        "tool_call_runtime_ended",
        { tool_call_id: "c1", status: "completed", runtime_payload },
        place,
      )
      .verdict();
  };

  test("[trace/B64] times of agent bodies are integers or absent, names are texts or absent or null", async () => {
    const bodies: [kind: string, text: string, time: string, name: string | undefined][] = [
      [
        "spawn_agent",
        `"event_id":"e","agent_thread_id":"${CHILD}","agent_path":"/root/helper","kind":"started"`,
        "occurred_at_ms",
        undefined,
      ],
      [
        "spawn_agent",
        `"call_id":"c","sender_thread_id":"${THREAD}","new_thread_id":"${CHILD}","prompt":"p","model":"m","reasoning_effort":"low","status":"running"`,
        "completed_at_ms",
        "new_agent_role",
      ],
      [
        "send_message",
        `"call_id":"c","sender_thread_id":"${THREAD}","receiver_thread_id":"${CHILD}","prompt":"p","status":"running"`,
        "completed_at_ms",
        "receiver_agent_nickname",
      ],
      [
        "close_agent",
        `"call_id":"c","sender_thread_id":"${THREAD}","receiver_thread_id":"${CHILD}","status":"running"`,
        "completed_at_ms",
        "receiver_agent_role",
      ],
    ];
    for (const [kind, text, time, name] of bodies) {
      for (const good of [`{${text}}`, `{${text},"${time}":-1}`, `{${text},"${time}":-0}`])
        expect(await endOf(kind, good)).toBe("reduces");
      for (const bad of ["null", "1.0", "1.5", '"1"', "9223372036854775808", "{}"])
        expect(await endOf(kind, `{${text},"${time}":${bad}}`)).toBe("payload_shape");
      if (name === undefined) continue;
      for (const good of ["null", '""'])
        expect(await endOf(kind, `{${text},"${name}":${good}}`)).toBe("reduces");
      expect(await endOf(kind, `{${text},"${name}":1}`)).toBe("payload_shape");
    }
    const [, spawn] = bodies;
    expect(await endOf("spawn_agent", `{${spawn?.[1].replace('"low"', '""')}}`)).toBe(
      "payload_shape",
    );
  });

  test("[trace/B65] an exit code is written as an integer", async () => {
    const end = (code: string): Promise<string> => {
      const builder = family(schema).tool("c1", "exec_command");
      builder.runtimeStart("c1", { process_id: "1", command: ["ls"], cwd: "/" });
      const text = `{"exit_code": ${code}, "stdout": "", "stderr": "", "formatted_output": ""}`;
      const runtime_payload = builder.payloadText("tool_runtime_event", text);
      return builder
        .event(
          "tool_call_runtime_ended",
          { tool_call_id: "c1", status: "completed", runtime_payload },
          place,
        )
        .verdict();
    };
    expect(await end("-1")).toBe("reduces");
    expect(await end("-0")).toBe("reduces");
    expect(await end("1.0")).toBe("payload_shape");
    expect(await end("1e0")).toBe("payload_shape");
  });
});

test.each([1, 2] as const)(
  "[trace/C13] schema %i: no depth of a payload is too much for tolerant reading",
  async (schema) => {
    const levels = 100_000;
    for (const item of [
      `{"type":"web_search_call","x":${deep(levels)}}`,
      `{"type":"function_call","name":"f","call_id":"c","arguments":${deep(levels)}}`,
      `{"type":"message","role":"user","content":[{"x":${deep(levels)}}]}`,
      `{"type":"unknown","half":"\\ud83d","x":${deep(levels)}}`,
    ]) {
      const builder = bundle(schema).request("a", `{"input":[${item}]}`);
      expect((await builder.refusal()).code).toBe("payload_invalid");
    }
  },
);
