import { memoryBundle } from "@codex-ts/rollout-trace";
import type { BundleSource } from "@codex-ts/rollout-trace";
import { assistantMessage, runBundle, userMessage } from "./run.ts";

/** Items of a history before its thread begins another turn with an empty one. */
const LONGEST_HISTORY = 40;
const START_MS = 1_795_000_000_000;

/** A run of so many requests by so many agents, which take turns; every hundredth request fails. */
export function largeRun(requests: number, agents: number): BundleSource {
  const files: Record<string, string> = {};
  const lines: string[] = [];
  let at = START_MS;
  let payloads = 0;
  const payload = (type: string, body: unknown): object => {
    payloads += 1;
    const path = `payloads/${payloads}.json`;
    files[path] = JSON.stringify(body);
    return { raw_payload_id: `raw_payload:${payloads}`, kind: { type }, path };
  };
  const event = (thread: string, turn: string | null, type: string, members: object): void => {
    const envelope = {
      schema_version: 1,
      seq: lines.length + 1,
      wall_time_unix_ms: at,
      rollout_id: "rollout",
      thread_id: thread,
      codex_turn_id: turn,
    };
    lines.push(JSON.stringify({ ...envelope, payload: { type, ...members } }));
  };
  const threads = Array.from({ length: agents }, (_, index) => ({
    id: index === 0 ? "root" : `agent-${index}`,
    path: index === 0 ? "/root" : `/root/agent_${index}`,
    history: [] as object[],
    turn: "",
  }));
  event("root", null, "rollout_started", { trace_id: "trace", root_thread_id: "root" });
  for (const { id, path } of threads)
    event(id, null, "thread_started", { thread_id: id, agent_path: path, metadata_payload: null });
  for (let number = 0; number < requests; number += 1) {
    const thread = threads[number % agents];
    if (thread === undefined) break;
    const { id } = thread;
    if (thread.history.length === 0) {
      thread.turn = `turn-${number}`;
      event(id, thread.turn, "codex_turn_started", { codex_turn_id: thread.turn, thread_id: id });
    }
    thread.history.push(userMessage(`question ${number} of ${id} ${"word ".repeat(20)}`));
    const call = `call-${number}`;
    event(id, thread.turn, "inference_started", {
      inference_call_id: call,
      thread_id: id,
      codex_turn_id: thread.turn,
      model: "gpt-test",
      provider_name: "test",
      request_payload: payload("inference_request", {
        model: "gpt-test",
        instructions: "Do it.",
        input: thread.history,
      }),
    });
    at += 20;
    const ids = { inference_call_id: call, upstream_request_id: `req_${number}` };
    if (number % 100 === 99) {
      event(id, thread.turn, "inference_failed", {
        ...ids,
        error: "stream closed before response.completed",
        partial_response_payload: null,
      });
      continue;
    }
    const answer = assistantMessage(`answer ${number}`);
    thread.history.push(answer);
    event(id, thread.turn, "inference_completed", {
      ...ids,
      response_id: `resp_${number}`,
      response_payload: payload("inference_response", {
        response_id: `resp_${number}`,
        upstream_request_id: `req_${number}`,
        token_usage: {
          input_tokens: 2000,
          cached_input_tokens: 1920,
          output_tokens: 10,
          reasoning_output_tokens: 0,
          total_tokens: 2010,
        },
        output_items: [answer],
      }),
    });
    if (thread.history.length < LONGEST_HISTORY) continue;
    thread.history = [];
    event(id, thread.turn, "codex_turn_ended", { codex_turn_id: thread.turn, status: "completed" });
  }
  for (const { id } of threads)
    event(id, null, "thread_ended", { thread_id: id, status: "completed" });
  event("root", null, "rollout_ended", { status: "completed" });
  files["manifest.json"] = JSON.stringify({
    schema_version: 1,
    trace_id: "trace",
    rollout_id: "rollout",
    root_thread_id: "root",
    started_at_unix_ms: START_MS,
    raw_event_log: "trace.jsonl",
    payloads_dir: "payloads",
  });
  files["trace.jsonl"] = lines.map((line) => `${line}\n`).join("");
  return memoryBundle(files);
}

/** One agent's session of so many requests, each with a little more history than the one before. */
export function longSession(requests: number): BundleSource {
  const history: object[] = [];
  return runBundle(
    Array.from({ length: requests }, (_, index) => {
      history.push(userMessage(`question ${index} ${"with many words ".repeat(40)}`));
      const answer = assistantMessage(`answer ${index}`);
      const input = [...history];
      history.push(answer);
      return {
        input,
        output: [answer],
        usage: { input: 2000 + index * 200, cached: 1920 + index * 190 },
      };
    }),
  );
}

/** One request with 20 MB of texts in 350 items. Every tenth ends in "needle"; "haystack 349" is in the last one alone. */
export function manyTexts(): BundleSource {
  const texts = Array.from({ length: 350 }, (_, index) => {
    const lines = Array.from(
      { length: 1600 },
      (__, line) =>
        `${index}:${line} ${(index * 7919 + line * 104_729).toString(36)} lorem ipsum dolor`,
    );
    return `${lines.join("\n")}\nhaystack ${index}${index % 10 === 3 ? " needle" : ""}`;
  });
  return runBundle([{ input: texts.map((text) => userMessage(text)) }]);
}

/** One item of 5 MB. */
export function longItem(): BundleSource {
  return runBundle([
    { input: [userMessage(`${"a line of a very long text\n".repeat(200_000)}the end`)] },
  ]);
}
