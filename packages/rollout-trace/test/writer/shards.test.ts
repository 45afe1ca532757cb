import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { openBundle, reduceBundle, TraceWriter } from "@codex-ts/rollout-trace";
import type { ThreadTrace } from "@codex-ts/rollout-trace";
import { readShardRecords, temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import {
  eventsOf,
  onlyBundle,
  readEvents,
  readPayload,
  startRoot,
  userMessage,
} from "../support/recording.ts";
import { recordLongTexts } from "../support/own-bundles.ts";

const TURN = "turn-1";
const MODEL = { turnId: TURN, model: "m", providerName: "p" };

function startTurn(root: string, more: Parameters<typeof startRoot>[1] = {}): ThreadTrace {
  const trace = startRoot(root, { schemaVersion: 3, ...more });
  trace.recordTurnStarted({ turnId: TURN });
  return trace;
}

function shardsOf(bundle: string): string[] {
  return readdirSync(join(bundle, "payloads")).toSorted();
}

test("[trace/V3-13] items and tools of requests are recorded once, whether they are the same objects or equal ones", async () => {
  await using folder = await temporaryDirectory();
  const trace = startTurn(folder.path);
  const tools = Array.from({ length: 9 }, (_, index) => ({
    type: "function",
    name: `tool_${index}`,
  }));
  const input: object[] = [];
  const requests: object[] = [];
  for (let round = 0; round < 6; round += 1) {
    input.push(userMessage(`message ${round}`));
    // Copies are other objects, of the same content.
    const request = {
      model: "m",
      input: round % 2 === 0 ? [...input] : structuredClone(input),
      tools,
      store: false,
    };
    requests.push(request);
    const attempt = trace.inferenceContext(MODEL).startAttempt();
    attempt.recordStarted(request);
    attempt.recordCompleted({
      responseId: `r${round}`,
      upstreamRequestId: null,
      tokenUsage: null,
      outputItems: [],
    });
  }
  await trace.close();
  const bundle = onlyBundle(folder.path);
  const records = shardsOf(bundle).flatMap((name) => [
    ...readShardRecords(readFileSync(join(bundle, "payloads", name))).values(),
  ]);
  expect(records.filter((text) => text.includes("message 0"))).toHaveLength(1);
  expect(records.filter((text) => text.includes("tool_8"))).toHaveLength(1);
  const started = eventsOf(bundle, "inference_started");
  expect(started.map(({ request_payload: request }) => readPayload(bundle, request))).toEqual(
    requests,
  );
  expect(
    started.map((event) => readPayload(bundle, event.prepared_prompt_payload)["input"]),
  ).toEqual(requests.map((request) => (request as { input: unknown }).input));
  const { state } = await reduceBundle(openBundle(bundle), { mode: "strict" });
  expect(Object.keys(state.conversation_items)).toHaveLength(6);
});

test("[trace/V3-13] a shard is closed before it would pass 8 MiB, and images have shards of their own", async () => {
  await using folder = await temporaryDirectory();
  const trace = startTurn(folder.path);
  const send = (...input: object[]): void => {
    const attempt = trace.inferenceContext(MODEL).startAttempt();
    attempt.recordStarted({ input });
    attempt.recordFailed({ error: "e", upstreamRequestId: null, outputItems: [] });
  };
  const image = `data:image/png;base64,${"QUJD".repeat(1000)}`;
  const letters = "abcdefghij".repeat(300 * 1024);
  for (const letter of ["x", "y", "z"]) send(userMessage(letter + letters));
  send({ type: "message", role: "user", content: [{ type: "input_image", image_url: image }] });
  await trace.close();
  const bundle = onlyBundle(folder.path);
  const shards = shardsOf(bundle).map((name) =>
    readShardRecords(readFileSync(join(bundle, "payloads", name))),
  );
  for (const records of shards) {
    const bytes = [...records].reduce(
      (sum, [id, text]) => sum + 10 + id.length + Buffer.byteLength(text),
      0,
    );
    expect(bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
  }
  expect(
    shards.filter((records) => [...records.values()].includes(JSON.stringify(image))),
  ).toHaveLength(1);
  expect(
    shards.find((records) => [...records.values()].includes(JSON.stringify(image)))?.size,
  ).toBe(1);
  expect((await reduceBundle(openBundle(bundle), { mode: "strict" })).state.recording_status).toBe(
    "complete",
  );
}, 60_000);

test("[trace/V3-14] an event stands in the log only when its records can be read", async () => {
  await using folder = await temporaryDirectory();
  const trace = startTurn(folder.path);
  const bundle = onlyBundle(folder.path);
  for (let round = 0; round < 30; round += 1) {
    trace.recordProtocolEvent({ type: "warning", message: `${round}` });
    await new Promise((resolve) => {
      setTimeout(resolve, round % 3);
    });
    for (const { payload } of readEvents(bundle))
      if (payload.type === "protocol_event_observed") readPayload(bundle, payload.event_payload);
  }
  await trace.close();
  expect(eventsOf(bundle, "protocol_event_observed")).toHaveLength(30);
  expect(readEvents(bundle).map(({ seq }) => seq)).toEqual(
    readEvents(bundle).map((_, index) => index + 1),
  );
});

test("[trace/V3-14] a killed process leaves a bundle that reduces strictly, without an end", async () => {
  await using folder = await temporaryDirectory();
  const module = new URL("../../src/recorder/index.ts", import.meta.url).href;
  const code = `
    import { readFileSync } from "node:fs";
    import { ThreadTrace } from ${JSON.stringify(module)};
    const model = { model: "m", providerName: "p" };
    const thread = ThreadTrace.startRoot({ root: ${JSON.stringify(folder.path)}, metadata: { threadId: "t", agentPath: "/root",
      sessionSource: "exec", cwd: "/w", ...model, approvalPolicy: "never", sandboxPolicy: "read-only" } });
    thread.recordTurnStarted({ turnId: "u" });
    const input = [];
    for (let round = 0; ; round += 1) {
      input.push({ type: "message", role: "user", content: [{ type: "input_text", text: "x".repeat(round) }] });
      const attempt = thread.inferenceContext({ turnId: "u", ...model }).startAttempt();
      attempt.recordStarted({ input: [...input] });
      attempt.recordCompleted({ responseId: "r" + round, upstreamRequestId: null, tokenUsage: null, outputItems: [] });
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (readFileSync(thread.bundlePath + "/trace.jsonl", "utf8").split("\\n").length > 40) process.kill(process.pid, "SIGKILL");
    }`;
  const args = ["--conditions=@codex-ts/source", "--input-type=module", "--eval", code];
  await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
    signal: "SIGKILL",
  });
  const { state, diagnostics } = await reduceBundle(openBundle(onlyBundle(folder.path)), {
    mode: "strict",
  });
  expect(diagnostics).toEqual([]);
  expect(state.recording_status).toBe("unclosed");
  expect(Object.keys(state.inference_calls).length).toBeGreaterThan(10);
}, 60_000);

describe("limits", () => {
  test("[trace/V3-15] what is longer than a payload may be is cut, and the state says so", async () => {
    await using folder = await temporaryDirectory();
    const trace = startTurn(folder.path, { limits: { maxPayloadBytes: 100 } });
    trace.recordProtocolEvent({ type: "warning", message: "ä".repeat(200) });
    await trace.close();
    const { state } = await reduceBundle(openBundle(onlyBundle(folder.path)), { mode: "strict" });
    expect(state.recording_status).toBe("closed_with_partial_payloads");
  });

  test("[trace/V3-15] of an item with a text that is too long the text alone is cut", async () => {
    await using folder = await temporaryDirectory();
    const trace = startRoot(folder.path, { schemaVersion: 3, limits: { maxPayloadBytes: 1000 } });
    recordLongTexts(trace);
    await trace.close();
    const { state } = await reduceBundle(openBundle(onlyBundle(folder.path)), { mode: "strict" });
    expect(Object.values(state.conversation_items)).toMatchObject([
      { kind: "message", role: "user", body: { parts: [{ type: "payload_ref", label: "text" }] } },
      { kind: "function_call", call_id: "call_1" },
      { kind: "function_call_output", call_id: "call_1" },
    ]);
  });

  test("[trace/V3-15] a recording that may hold no more stops, with one warning, and what is there reduces", async () => {
    await using folder = await temporaryDirectory();
    const warnings: string[] = [];
    const limits = { maxBytes: 20_000 };
    const trace = startTurn(folder.path, { limits, onWarning: (text) => warnings.push(text) });
    for (let round = 0; round < 200; round += 1)
      trace.recordProtocolEvent({ type: "warning", message: `${round}` });
    await trace.close();
    const bundle = onlyBundle(folder.path);
    const files = ["trace.jsonl", ...shardsOf(bundle).map((name) => join("payloads", name))];
    expect(
      files.reduce((sum, name) => sum + statSync(join(bundle, name)).size, 0),
    ).toBeLessThanOrEqual(limits.maxBytes);
    expect(warnings).toHaveLength(1);
    const { state } = await reduceBundle(openBundle(bundle), { mode: "strict" });
    expect(state.recording_status).toBe("unclosed");
    expect(readEvents(bundle).length).toBeGreaterThan(10);
  });
});

test("a value that JSON can not express is left out, and closing twice is no harm", async () => {
  await using folder = await temporaryDirectory();
  const warnings: string[] = [];
  const writer = TraceWriter.create({
    root: folder.path,
    rolloutId: "t",
    rootThreadId: "t",
    onWarning: (text) => warnings.push(text),
  });
  expect(writer.schemaVersion).toBe(3);
  expect(writer.writePayload("protocol_event", { n: 1n })).toBeUndefined();
  let deep: unknown = 1;
  for (let level = 0; level < 130; level += 1) deep = [deep];
  expect(writer.writePayload("protocol_event", deep)).toBeUndefined();
  expect(writer.writePayload("protocol_event", { text: "\ud800" })).toMatchObject({ shard: 1 });
  expect(warnings).toHaveLength(1);
  await Promise.all([writer.close(), writer.close()]);
  expect(writer.state).toBe("off");
});
