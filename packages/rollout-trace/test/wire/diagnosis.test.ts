import { diagnose, parseWireLog } from "@codex-ts/rollout-trace/wire";
import type { DiagnoseOptions, WireDiagnosis } from "@codex-ts/rollout-trace/wire";
import { describe, expect, test } from "vitest";

/** How one try of a request ended, as far as it differs from the others. */
interface Try {
  readonly started?: object;
  readonly ended: object;
  /** The response's headers. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Records about it that follow its end, without its id. */
  readonly followedBy?: readonly object[];
}

/** The diagnosis of a request whose tries all failed. */
function diagnosisOf(
  tries: readonly Try[],
  options: DiagnoseOptions = {},
): WireDiagnosis | undefined {
  const records = tries.flatMap(({ started, ended, headers, followedBy = [] }, index) => {
    const facts = { attempt_id: `a${index}`, request_kind: "turn", inference_call_id: "call" };
    return [
      {
        type: "attempt_started",
        ...facts,
        transport: "http",
        endpoint: "responses",
        attempt_number: index,
        method: "POST",
        url: "https://host.example/v1/responses",
        queued_at_ms: 1000 * (index + 1),
        request: { bytes: 1, headers: [] },
        ...started,
      },
      ...(headers === undefined
        ? []
        : [
            {
              type: "attempt_responded",
              ...facts,
              status: 1,
              request_ids: {},
              headers,
              t: { responded: 1 },
            },
          ]),
      {
        type: "attempt_ended",
        ...facts,
        outcome: "failed",
        redirects: 0,
        t: TIMES,
        response_bytes: 0,
        events: 0,
        max_gap_us: 0,
        max_gap_after: null,
        stalls: 0,
        retry: { will_retry: false, reason: "not_retryable" },
        ...ended,
      },
      ...followedBy.map((record) => ({
        caused_by_attempt_id: facts.attempt_id,
        after_attempt_id: facts.attempt_id,
        ...record,
      })),
    ];
  });
  const lines = [OPENED, ...records, CLOSED].map((record, at) =>
    JSON.stringify({ seq: at + 1, at_ms: 1, ...record }),
  );
  const log = parseWireLog(`${lines.join("\n")}\n`);
  expect(log.diagnostics).toEqual([]);
  return diagnose(log.attempts, options);
}

const OPENED = {
  type: "wire_opened",
  wire_version: 1,
  trace_id: "t",
  rollout_id: "r",
  bundle_schema: 3,
  writer: { name: "w", version: "1", node: "24" },
  policy: { headers: "allow-list-1", bodies: "none" },
};
const CLOSED = { type: "wire_closed", reason: "completed", records: 1, dropped: 0 };
const TIMES = {
  credentials: 1,
  connected: 2,
  sent: 3,
  responded: 4,
  first_byte: 5,
  first_event: 6,
  first_output: null,
  last_event: 7,
  ended: 7_000_007,
};
const UNREACHED = {
  ...Object.fromEntries(Object.keys(TIMES).map((name) => [name, null])),
  ended: 9,
};
const error = (facts: object) => ({ error: { message: "said so", ...facts } });
const network = (reason: string) => ({ ...error({ code: "network", reason }), t: UNREACHED });
const LOGIN = { request: { bytes: 1, headers: [["chatgpt-account-id", null]] } };
const REFUSED = error({ code: "http_status", status: 401 });
const SILENT = { ...error({ code: "timeout" }), timeout: "first_event" };
const SOCKET = { transport: "websocket", connection_id: "c", position: 1 };

const RENEWAL = { type: "auth", step: "refresh", duration_ms: 1 };
const refused = (status: number, code?: string) =>
  error({ code: "http_status", status, ...(code !== undefined && { server_code: code }) });
const certificate = (osCode: string) => ({
  ...error({ code: "network", reason: "certificate", os_code: osCode }),
  t: UNREACHED,
});
const WAIT = {
  type: "retry_scheduled",
  by: "turn",
  delay_ms: 60_000,
  delay_source: "retry_after",
  reason: "rate_limit",
  number: 1,
  of: 3,
};

describe("advice follows the facts of a failure", () => {
  test.each<[string, Try, RegExp, boolean]>([
    ["no TLS", { ended: network("no_tls") }, /^check the address .*https or http/, true],
    ["a certificate", { ended: network("certificate") }, /CODEX_CA_CERTIFICATE/, true],
    ["a key", { ended: REFUSED }, /^correct the key(?!.*log in)/, true],
    ["a login", { started: LOGIN, ended: REFUSED }, /^log in again$/, true],
    [
      "a full context window, in the stream",
      { ended: error({ code: "context_window_exceeded" }) },
      /^compact .*new session.*larger/,
      true,
    ],
    [
      "a full context window, as a refusal",
      {
        ended: error({ code: "http_status", status: 400, server_code: "context_length_exceeded" }),
      },
      /^compact /,
      true,
    ],
    [
      "another failure of the server",
      { ended: error({ code: "retryable", server_code: "server_error" }) },
      /^try again later; if it goes on, send the ids$/,
      false,
    ],
    [
      "a failure whose message names another request",
      {
        ended: {
          ...error({
            code: "retryable",
            server_code: "server_error",
            message: "Sorry. Please include the request ID req_9f8e7d6c in your message.",
          }),
          request_ids: { x_request_id: "req_1" },
        },
      },
      /send the ids, and req_9f8e7d6c, which its message names$/,
      false,
    ],
    [
      "a failure whose message names this request",
      {
        ended: {
          ...error({ code: "retryable", message: "failed (request id: req_12345678)" }),
          request_ids: { x_request_id: "req_12345678" },
        },
      },
      /^send the ids to the provider/,
      false,
    ],
    [
      "a certificate for another name",
      { ended: certificate("ERR_TLS_CERT_ALTNAME_INVALID") },
      /^check the address .*another name(?!.*CODEX_CA)/,
      true,
    ],
    [
      "a certificate that has expired",
      { ended: certificate("CERT_HAS_EXPIRED") },
      /^check the clock(?!.*CODEX_CA)/,
      true,
    ],
    [
      "a refresh that may work later",
      {
        started: LOGIN,
        ended: REFUSED,
        followedBy: [{ ...RENEWAL, outcome: "failed", status: 503 }],
      },
      /^try again later: the service that renews logins failed/,
      true,
    ],
    [
      "a refresh that was refused",
      {
        started: LOGIN,
        ended: REFUSED,
        followedBy: [{ ...RENEWAL, outcome: "refused", code: "revoked" }],
      },
      /^log in again$/,
      true,
    ],
    ["a body a gateway does not take", { ended: refused(413) }, /^make the request smaller/, true],
    ["a place or plan", { ended: refused(403, "unsupported_region") }, /region .* allow$/, true],
    ["an unknown path", { ended: refused(404) }, /base_url/, true],
    [
      "a limit that lasts",
      { ended: refused(429), headers: [["retry-after", "4320"]] },
      /^run it again in 72 min/,
      true,
    ],
    [
      "a limit that is short",
      { ended: refused(429), headers: [["retry-after", "3"]] },
      /^wait/,
      true,
    ],
    [
      "a quota, in the stream",
      { ended: error({ code: "quota_exceeded", server_code: "insufficient_quota" }) },
      /^waiting does not help: .*billing/,
      true,
    ],
    [
      "a plan's limit",
      { ended: error({ code: "quota_exceeded", server_code: "usage_limit_reached" }) },
      /^wait until/,
      true,
    ],
    [
      "a content filter",
      { ended: error({ code: "stream", reason: "incomplete", message: "reason: content_filter" }) },
      /^a content filter .*ask differently/,
      true,
    ],
    [
      "a limit of the response's length",
      { ended: error({ code: "stream", reason: "incomplete", message: "max_output_tokens" }) },
      /limit of its length/,
      true,
    ],
    [
      "a proxy that wants a password",
      { ended: error({ code: "proxy_authentication", status: 407 }) },
      /user:password@host:port in HTTPS_PROXY/,
      true,
    ],
    [
      "silence over HTTP",
      { ended: SILENT },
      /raise first_response_timeout_ms(?!.*http_only)/,
      false,
    ],
    ["silence over a socket", { started: SOCKET, ended: SILENT }, /http_only = true/, false],
    [
      "a stream that fell silent",
      { ended: { ...error({ code: "timeout" }), timeout: "idle" } },
      /raise stream_idle_timeout_ms .*7\.0 s/,
      false,
    ],
  ])("%s", (_, failure, advice, isNothingToSend) => {
    const diagnosis = diagnosisOf([failure]);
    expect(diagnosis?.advice).toMatch(advice);
    expect(diagnosis?.isNothingToSend).toBe(isNothingToSend);
  });

  test("and no certificate is named where there is no TLS", () => {
    expect(diagnosisOf([{ ended: network("no_tls") }])?.sentence).not.toContain("certificate");
    expect(diagnosisOf([{ ended: network("certificate") }])?.sentence).toContain("certificate: ");
  });
});

describe("several tries", () => {
  const cut = (events: number): Try => ({
    ended: {
      ...error({ code: "stream", reason: "closed_early" }),
      events,
      request_ids: { x_request_id: `req_${events}` },
    },
  });

  test("are told apart by what differs among them", () => {
    const sentence = diagnosisOf([cut(12), cut(15), cut(18)])?.sentence;
    expect(sentence).toContain("in 3 tries after 12, 15 and 18 events, 0 bytes");
    expect(diagnosisOf([cut(4), cut(4)])?.sentence).toContain("in 2 tries after 4 events");
    const many = Array.from({ length: 20 }, (_, index) => cut(index));
    expect(diagnosisOf(many)?.sentence).toContain(
      "after 0, 1, 2, 3, 4, 5, 6, 7 and 12 more events",
    );
  });

  test("of other kinds are counted behind it", () => {
    const failed = { ended: error({ code: "http_status", status: 500 }) };
    expect(diagnosisOf([failed, failed, cut(3)])?.sentence).toMatch(
      / Other tries: server_error 2 times\.$/,
    );
  });

  test("are reported as soon as one of them is the server's fault", () => {
    const failed = { ended: error({ code: "http_status", status: 500 }) };
    expect(diagnosisOf([{ ended: REFUSED }, { ended: REFUSED }])?.isNothingToSend).toBe(true);
    expect(diagnosisOf([failed, { ended: REFUSED }])?.isNothingToSend).toBe(false);
  });

  test("have all their ids in the diagnosis", () => {
    expect(diagnosisOf([cut(1), cut(2)])?.attemptIds).toMatchObject([
      { x_request_id: "req_1" },
      { x_request_id: "req_2" },
    ]);
  });
});

test("a limit is named in the server's words, on one line that is not too long", () => {
  const message = `Limit 500000,\nUsed 1. ${"x".repeat(440)}`;
  const limited = { ended: error({ code: "http_status", status: 429, message }) };
  const sentence = diagnosisOf([limited])?.sentence ?? "";
  expect(sentence).toContain("Limited (429): 1 try");
  expect(sentence).toContain("; it said: Limit 500000, Used 1. xxx");
  expect(sentence.length).toBeLessThan(400);
});

test("compacting again is no advice right after a compaction", () => {
  const full = { ended: error({ code: "context_window_exceeded" }) };
  expect(diagnosisOf([full])?.advice).toMatch(/^compact the conversation/);
  expect(diagnosisOf([full], { isAfterCompaction: true })?.advice).toMatch(
    /had just been compacted.*start a new session/,
  );
});

test("a response that was stopped because its turn failed was not stopped by the user", () => {
  const stopped = { ended: { outcome: "cancelled", events: 95 } };
  expect(diagnosisOf([stopped])).toMatchObject({ code: "cancelled", isNothingToSend: false });
  expect(diagnosisOf([stopped], { isOfFailedTurn: true })).toMatchObject({
    code: "stopped_by_client",
    sentence: "The client stopped it after 7.0 s (95 events), and its turn failed.",
    isNothingToSend: true,
  });
  // The turn went on, so its end says nothing of this request.
  const options = { isOfFailedTurn: true, isFollowed: true };
  expect(diagnosisOf([stopped], options)?.code).toBe("cancelled");
});

test("a wait that was broken off is not counted as waited", () => {
  const limited = { ended: refused(429), followedBy: [WAIT] };
  const diagnosis = diagnosisOf([limited]);
  expect(diagnosis?.code).toBe("cancelled");
  expect(diagnosis?.sentence).toMatch(
    /^It was stopped while it was to wait 60 s before another try: Limited \(429\): 1 try;/,
  );
  expect(diagnosis?.advice).toMatch(/^wait/);
  expect(diagnosisOf([limited, { ended: refused(429) }])?.sentence).toMatch(/2 tries, 60 s waited/);
});
