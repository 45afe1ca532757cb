import { memoryBundle } from "@codex-ts/rollout-trace";
import type { BundleSource } from "@codex-ts/rollout-trace";
import { assistantMessage, runFiles, userMessage } from "./run.ts";
import type { RunRequest } from "./run.ts";
import { SOCKET, TIMES, UNREACHED, wireLines } from "./wire.ts";
import type { Attempt } from "./wire.ts";

const question = userMessage("Where is it?");

/** An accepted handshake, and the connection it opened. */
function handshake(id: string, after: number, request = 1): Attempt {
  return {
    id: `hand-${id}`,
    request,
    after,
    started: { ...SOCKET, endpoint: "handshake", inference_call_id: undefined },
    ended: {
      status: 101,
      request_ids: { x_request_id: `req_${id}` },
      connection_id: id,
      t: { ...TIMES, ...UNREACHED },
    },
    followedBy: [
      {
        type: "connection_opened",
        connection_id: id,
        attempt_id: `hand-${id}`,
        url: SOCKET.url,
        request_ids: { x_request_id: `req_${id}` },
        extensions: "",
        proxy: false,
      },
    ],
  };
}

const again = (number: number): object => ({
  type: "retry_scheduled",
  by: "turn",
  delay_ms: 200,
  delay_source: "backoff",
  reason: "stream",
  number,
  of: 2,
});

const ATTEMPTS: readonly Attempt[] = [
  handshake("socket", -30),
  {
    id: "fine",
    request: 1,
    started: { ...SOCKET, connection_id: "socket", position: 1 },
    ended: { connection_id: "socket", position: 1, response_id: "resp_1" },
  },
  {
    id: "silent",
    request: 2,
    started: { ...SOCKET, connection_id: "socket", position: 2 },
    ended: {
      connection_id: "socket",
      position: 2,
      outcome: "failed",
      response_id: "resp_begun",
      max_gap_us: 4_319_000,
      max_gap_after: "response.output_text.delta",
      timeout: "idle",
      t: { ...TIMES, ended: 4_519_000 },
      error: { code: "stream", reason: "idle_timeout", message: "idle timeout" },
    },
    followedBy: [again(1)],
  },
  handshake("second", -30, 3),
  {
    id: "closed",
    request: 3,
    started: { ...SOCKET, connection_id: "second", position: 1 },
    ended: {
      connection_id: "second",
      position: 1,
      outcome: "failed",
      close: { code: 1011, reason: "upstream timeout", by: "server", clean: true },
      error: { code: "stream", reason: "connection_closed", message: "websocket closed" },
    },
    followedBy: [again(2)],
  },
  {
    id: "refused",
    request: 4,
    responded: { status: 400 },
    ended: {
      outcome: "failed",
      status: 400,
      t: { ...TIMES, ...UNREACHED, ended: 61_000 },
      error: {
        code: "http_status",
        status: 400,
        server_code: "invalid_value",
        message: "no tool call found",
      },
    },
  },
];

/** A request that worked, and one whose three tries failed in three ways, the last for good. */
export function triedRun({ schema = 1 } = {}): BundleSource {
  const failure = "the last of all errors";
  const requests: readonly RunRequest[] = [
    { input: [question], output: [assistantMessage("Here.")], upstreamId: null },
    { input: [question], failure, upstreamId: null },
    { input: [question], failure, upstreamId: null },
    { input: [question], failure, upstreamId: "req_refused" },
  ];
  const files = runFiles(requests, { schema });
  const trace = (files["trace.jsonl"] ?? "").replace('"status":"completed"', '"status":"failed"');
  return memoryBundle({ ...files, "trace.jsonl": trace, "wire.jsonl": wireLines(ATTEMPTS) });
}

const rules = { ...userMessage("Rules."), id: "msg_1" };
const rulesAgain = { ...rules, id: "msg_2" };
const spawn = {
  type: "function_call",
  name: "spawn_agent",
  arguments: "{}",
  call_id: "call_spawn",
};
const compacted = [rulesAgain, question, userMessage("What was done.")];

/** A local compaction, of which the trace has no event, between the first two of three requests. */
export function compactedRun({ outcome = "completed", schema = 1 } = {}): BundleSource {
  const requests: readonly RunRequest[] = [
    {
      input: [rules, question, assistantMessage("I looked.")],
      output: [spawn],
      usage: { input: 5000, cached: 0 },
      tools: [
        {
          tool_call_id: "call_spawn",
          model_visible_call_id: "call_spawn",
          code_mode_runtime_tool_id: null,
          requester: { type: "model" },
          kind: { type: "spawn_agent" },
          summary: {
            type: "generic",
            label: "spawn_agent",
            input_preview: JSON.stringify({ task_name: "front", message: "Look at the front." }),
            output_preview: null,
          },
          invocation_payload: null,
        },
      ],
    },
    { input: compacted, output: [assistantMessage("So.")], usage: { input: 3000, cached: 0 } },
    {
      input: [...compacted, assistantMessage("So."), userMessage("On.")],
      output: [assistantMessage("Done.")],
      usage: { input: 3100, cached: 0 },
    },
  ];
  const files = runFiles(requests, { schema });
  const wire = wireLines([
    { id: "one", request: 1, responded: { status: 200 }, ended: { status: 200 } },
    {
      id: "compact",
      request: 1,
      after: 400,
      kind: "compaction",
      responded: { status: 200 },
      ended: { status: 200, outcome, t: { ...TIMES, ended: 589_700 } },
    },
    { id: "two", request: 2, responded: { status: 200 }, ended: { status: 200 } },
    { id: "three", request: 3, responded: { status: 200 }, ended: { status: 200 } },
  ]);
  return memoryBundle({ ...files, "wire.jsonl": wire });
}
