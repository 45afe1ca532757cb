import type {
  AttemptEnded,
  AttemptStarted,
  ConnectionClosed,
  ConnectionOpened,
} from "@codex-ts/protocol";

/** An attempt as an observer is told of it. */
export function startedAttempt(changes: Partial<AttemptStarted> = {}): AttemptStarted {
  return {
    attemptId: "attempt-1",
    transport: "http",
    endpoint: "responses",
    attemptNumber: 0,
    method: "POST",
    url: "https://host.example/v1/responses",
    requestHeaders: [
      ["user-agent", "agent"],
      ["authorization", "[redacted]"],
    ],
    requestBytes: 10,
    requestBody: { bytes: 12, encoding: "zstd", sha256: "ab", inputItems: 1 },
    queuedAtMs: 1000,
    ...changes,
  };
}

export function endedAttempt(changes: Partial<AttemptEnded> = {}): AttemptEnded {
  return {
    ...startedAttempt(),
    outcome: "completed",
    error: undefined,
    status: 200,
    responseHeaders: [["x-request-id", "req-1"]],
    upstreamRequestId: "req-1",
    connectedAtMs: 1001,
    connectionReused: false,
    headersAtMs: 1002,
    firstEventAtMs: 1003,
    lastEventAtMs: 1004,
    endedAtMs: 1005,
    timings: {
      credentialsUs: 1,
      connectedUs: 2,
      sentUs: 3,
      respondedUs: 4,
      firstByteUs: 5,
      firstEventUs: 6,
      firstOutputUs: 7,
      lastEventUs: 8,
      endedUs: 9,
    },
    responseBytes: 100,
    eventCount: 3,
    responseId: "resp_1",
    maxGapUs: 1,
    maxGapAfter: "response.created",
    stallCount: 0,
    redirects: 0,
    idleTimeout: false,
    closeCode: undefined,
    osCode: undefined,
    retry: { willRetry: false, reason: "not_needed" },
    ...changes,
  };
}

export const OPENED: ConnectionOpened = {
  connectionId: "connection-1",
  attemptId: "attempt-1",
  url: "wss://host.example/v1/responses",
  upstreamRequestId: "req-hs",
  cfRay: "ray-hs",
  extensions: "",
  isProxied: false,
};

export const CLOSED: ConnectionClosed = {
  connectionId: "connection-1",
  closeCode: 1000,
  closeReason: undefined,
  closedBy: "client",
  requestCount: 1,
  ageMs: 5,
  idleMs: 1,
};
