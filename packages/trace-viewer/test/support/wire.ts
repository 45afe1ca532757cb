import { memoryBundle } from "@codex-ts/rollout-trace";
import type { BundleSource } from "@codex-ts/rollout-trace";
import { assistantMessage, runFiles, userMessage } from "./run.ts";

/** Unix milliseconds at which request `n` of a made-up run begins. */
export const startOf = (request: number): number => 1_795_000_000_000 + request * 1250 - 250;

export interface Attempt {
  readonly id: string;
  /** Number of its request, from 1. */
  readonly request?: number;
  readonly kind?: string;
  /** Milliseconds behind the start of its request. */
  readonly after?: number;
  readonly started?: object;
  /** Headers and status of its response. */
  readonly responded?: {
    readonly status: number;
    readonly headers?: readonly (readonly string[])[];
  };
  /** Left out: it never ended. */
  readonly ended?: object;
  readonly followedBy?: readonly object[];
}

const OPENED = {
  type: "wire_opened",
  wire_version: 1,
  trace_id: "trace",
  rollout_id: "rollout",
  bundle_schema: 1,
  writer: { name: "test", version: "1", node: "24" },
  policy: { headers: "allow-list-1", bodies: "none" },
};
const CLOSED = { type: "wire_closed", reason: "completed", records: 1, dropped: 0 };

/** Times of an attempt that got its response, in microseconds. */
export const TIMES = {
  credentials: 1000,
  connected: 20_000,
  sent: 21_000,
  responded: 60_000,
  first_byte: 61_000,
  first_event: 70_000,
  first_output: 80_000,
  last_event: 200_000,
  ended: 201_000,
};

/** The lines of a wire log. */
export function wireLines(attempts: readonly Attempt[], { isWhole = true } = {}): string {
  const records = attempts.flatMap((attempt) => recordsOf(attempt));
  return [OPENED, ...records, ...(isWhole ? [CLOSED] : [])]
    .map((record, index) => `${JSON.stringify({ seq: index + 1, at_ms: startOf(1), ...record })}\n`)
    .join("");
}

function recordsOf({ id, request = 1, kind = "turn", after = 10, ...attempt }: Attempt): object[] {
  const facts = {
    attempt_id: id,
    request_kind: kind,
    thread_id: "thread",
    turn_id: "turn",
    ...(kind === "turn" && { inference_call_id: `call-${request}` }),
  };
  const { started, responded, ended, followedBy = [] } = attempt;
  return [
    {
      type: "attempt_started",
      ...facts,
      transport: "http",
      endpoint: "responses",
      attempt_number: 0,
      method: "POST",
      url: "https://host.example/v1/responses",
      queued_at_ms: startOf(request) + after,
      request: {
        bytes: 1234,
        headers: [
          ["user-agent", "test"],
          ["authorization", null],
        ],
      },
      ...started,
    },
    ...(responded === undefined
      ? []
      : [
          {
            type: "attempt_responded",
            ...facts,
            request_ids: { x_request_id: `req_${id}`, cf_ray: `ray_${id}` },
            headers: [],
            t: { responded: 60_000 },
            ...responded,
          },
        ]),
    ...(ended === undefined
      ? []
      : [
          {
            type: "attempt_ended",
            ...facts,
            outcome: "completed",
            redirects: 0,
            t: TIMES,
            response_bytes: 4321,
            events: 7,
            max_gap_us: 50_000,
            max_gap_after: "response.created",
            stalls: 0,
            retry: { will_retry: false, reason: "not_needed" },
            ...ended,
          },
        ]),
    ...followedBy.map((record) => ({ after_attempt_id: id, ...facts, ...record })),
  ];
}

export const SOCKET = {
  transport: "websocket",
  method: "GET",
  url: "wss://host.example/v1/responses",
};
export const UNREACHED = { first_event: null, first_output: null, last_event: null };

/** Words that must stay words. */
export const HOSTILE_MESSAGE = "no <img src=x onerror=alert(1)> such </script> tool";

/** A warm-up and a request over a WebSocket, one over HTTP that was sent twice, and one that was refused. */
const ATTEMPTS: readonly Attempt[] = [
  {
    id: "hand",
    kind: "prewarm",
    after: -300,
    started: { ...SOCKET, endpoint: "handshake" },
    ended: { status: 101, connection_id: "socket", t: { ...TIMES, ...UNREACHED } },
    followedBy: [
      {
        type: "connection_opened",
        connection_id: "socket",
        attempt_id: "hand",
        url: SOCKET.url,
        request_ids: { x_request_id: "req_hand", cf_ray: "ray_hand" },
        extensions: "",
        proxy: false,
      },
    ],
  },
  {
    id: "warm",
    kind: "prewarm",
    after: -200,
    started: {
      ...SOCKET,
      connection_id: "socket",
      position: 1,
      request: { bytes: 9, headers: [], generate: false },
    },
    ended: { connection_id: "socket", position: 1 },
  },
  {
    id: "ws",
    request: 1,
    started: { ...SOCKET, connection_id: "socket", position: 2 },
    ended: { connection_id: "socket", position: 2, response_id: "resp_1" },
  },
  {
    id: "bad",
    request: 2,
    responded: { status: 500, headers: [["server", "cloudflare"]] },
    ended: {
      outcome: "failed",
      status: 500,
      t: { ...TIMES, ...UNREACHED, ended: 61_000 },
      error: { code: "http_status", status: 500, message: "http 500" },
      retry: { will_retry: true, reason: "status_5xx" },
    },
    followedBy: [
      {
        type: "retry_scheduled",
        by: "transport",
        delay_ms: 40,
        delay_source: "backoff",
        reason: "status_5xx",
        number: 1,
        of: 4,
      },
    ],
  },
  {
    id: "good",
    request: 2,
    after: 115,
    started: { attempt_number: 1 },
    responded: { status: 200, headers: [["openai-model", "gpt-test"]] },
    ended: { status: 200, t: { ...TIMES, ended: 120_000, last_event: 110_000 } },
  },
  {
    id: "refused",
    request: 3,
    responded: { status: 400 },
    ended: {
      outcome: "failed",
      status: 400,
      t: { ...TIMES, ...UNREACHED, ended: 61_000 },
      error: { code: "http_status", status: 400, server_code: "bad", message: HOSTILE_MESSAGE },
    },
  },
];

const question = userMessage("Where is it?");

/** Three requests, and how they travelled. */
export function wiredRun(wire: string = wireLines(ATTEMPTS)): BundleSource {
  const files = runFiles([
    {
      input: [question],
      output: [assistantMessage("Here.")],
      upstreamId: null,
      usage: { input: 100, cached: 0 },
    },
    { input: [question], output: [assistantMessage("There.")], upstreamId: "req_good" },
    { input: [question], failure: "http 400", upstreamId: "req_refused" },
  ]);
  return memoryBundle({ ...files, "wire.jsonl": wire });
}

/** The same log as far as the middle of the first request, cut in its last line. */
export function tornWire(): string {
  const open = ATTEMPTS.slice(0, 3).map((attempt) =>
    attempt.id === "ws" ? { ...attempt, ended: undefined } : attempt,
  );
  return `${wireLines(open as readonly Attempt[], { isWhole: false })}{"seq":99,"at_`;
}
