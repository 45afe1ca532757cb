import { memoryBundle } from "@codex-ts/rollout-trace";
import type { BundleFiles, BundleSource } from "@codex-ts/rollout-trace";

type Json = unknown;

/** One request of a made-up run. */
export interface RunRequest {
  readonly input: readonly Json[];
  readonly members?: Readonly<Record<string, Json>>;
  readonly output?: readonly Json[];
  readonly usage?: { readonly input: number; readonly cached: number };
  /** The request fails with this text instead of completing. */
  readonly failure?: string;
  /** The request is cancelled for this reason instead of completing. */
  readonly cancelled?: string;
  /** Of one that failed or was cancelled: the output items that had arrived. */
  readonly partial?: readonly Json[];
  /** Nothing says how it ended. */
  readonly isRunning?: boolean;
  /** Tools it called, by the members of their `tool_call_started` events; none of them ends. */
  readonly tools?: readonly object[];
  readonly responseId?: string;
  readonly upstreamId?: string | null;
  /** Milliseconds after the request before. Default 1000. */
  readonly after?: number;
}

/** Files of a bundle, by default of schema 1, of one thread and one turn. */
export function runFiles(
  requests: readonly RunRequest[],
  { isWhole = true, schema = 1 } = {},
): Record<string, string> {
  const files: Record<string, string> = {};
  const lines: string[] = [];
  let at = 1_795_000_000_000;
  const payload = (type: string, body: Json): object => {
    const number = Object.keys(files).length + 1;
    const path = `payloads/${number}.json`;
    files[path] = JSON.stringify(body);
    return { raw_payload_id: `raw_payload:${number}`, kind: { type }, path };
  };
  const event = (type: string, members: object): void => {
    const envelope = {
      schema_version: schema,
      seq: lines.length + 1,
      wall_time_unix_ms: at,
      rollout_id: "rollout",
      thread_id: "thread",
      codex_turn_id: "turn",
    };
    lines.push(JSON.stringify({ ...envelope, payload: { type, ...members } }));
  };
  event("rollout_started", { trace_id: "trace", root_thread_id: "thread" });
  event("thread_started", { thread_id: "thread", agent_path: "/root", metadata_payload: null });
  event("codex_turn_started", { codex_turn_id: "turn", thread_id: "thread" });
  for (const [index, request] of requests.entries()) {
    const {
      input,
      members = {},
      output = [],
      usage,
      failure,
      upstreamId = `req_${index + 1}`,
    } = request;
    const { responseId = `resp_${index + 1}`, after = 1000 } = request;
    const callId = `call-${index + 1}`;
    at += after;
    event("inference_started", {
      inference_call_id: callId,
      thread_id: "thread",
      codex_turn_id: "turn",
      model: "gpt-test",
      provider_name: "test",
      request_payload: payload("inference_request", {
        model: "gpt-test",
        instructions: "Do it.",
        ...members,
        input,
      }),
    });
    at += 250;
    const ids = { inference_call_id: callId, upstream_request_id: upstreamId };
    if (request.isRunning === true) continue;
    if (failure !== undefined || request.cancelled !== undefined) {
      const partial =
        request.partial === undefined
          ? null
          : payload("inference_response", {
              response_id: null,
              upstream_request_id: upstreamId,
              output_items: request.partial,
            });
      const ended = { ...ids, partial_response_payload: partial };
      if (failure === undefined)
        event("inference_cancelled", { ...ended, reason: request.cancelled });
      else event("inference_failed", { ...ended, error: failure });
      continue;
    }
    const tokens = usage && {
      input_tokens: usage.input,
      cached_input_tokens: usage.cached,
      output_tokens: 10,
      reasoning_output_tokens: 0,
      total_tokens: usage.input + 10,
    };
    event("inference_completed", {
      ...ids,
      response_id: responseId,
      response_payload: payload("inference_response", {
        response_id: responseId,
        upstream_request_id: upstreamId,
        ...(tokens === undefined ? {} : { token_usage: tokens }),
        output_items: output,
      }),
    });
    for (const tool of request.tools ?? []) event("tool_call_started", tool);
  }
  if (isWhole) {
    event("codex_turn_ended", { codex_turn_id: "turn", status: "completed" });
    event("thread_ended", { thread_id: "thread", status: "completed" });
    event("rollout_ended", { status: "completed" });
    if (schema > 1) event("recording_completed", {});
  }
  files["manifest.json"] = JSON.stringify({
    schema_version: schema,
    trace_id: "trace",
    rollout_id: "rollout",
    root_thread_id: "thread",
    started_at_unix_ms: 1_795_000_000_000,
    raw_event_log: "trace.jsonl",
    payloads_dir: "payloads",
  });
  files["trace.jsonl"] = lines.map((line) => `${line}\n`).join("");
  return files;
}

export function runBundle(
  requests: readonly RunRequest[],
  options?: { isWhole?: boolean; schema?: number },
): BundleSource {
  return memoryBundle(runFiles(requests, options) satisfies BundleFiles);
}

export function userMessage(text: string): object {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

export function assistantMessage(text: string): object {
  return { type: "message", role: "assistant", content: [{ type: "output_text", text }] };
}
