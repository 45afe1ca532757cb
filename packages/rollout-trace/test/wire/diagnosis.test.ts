import { diagnose, joinWire, parseWireLog, summarizeWire } from "@codex-ts/rollout-trace/wire";
import type { DiagnoseOptions, WireDiagnosis, WireLog } from "@codex-ts/rollout-trace/wire";
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
  return diagnose(logOf(tries).attempts, options);
}

function logOf(tries: readonly Try[]): WireLog {
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
  return log;
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
    ["a plan", { ended: refused(403, "not_in_plan") }, /plan .* allow$/, true],
    ["a place", { ended: refused(403, "unsupported_region") }, /^another try .*VPN/, true],
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
      "a response that ended for a reason nobody knows",
      { ended: error({ code: "stream", reason: "incomplete", message: "reason: unknown" }) },
      /^try again/,
      false,
    ],
    [
      "a plan that lacks it",
      { ended: refused(429, "usage_not_included") },
      /^waiting .*plan/,
      true,
    ],
    [
      "a plan that lacks it, in the stream",
      { ended: error({ code: "usage_not_included", server_code: "usage_not_included" }) },
      /^waiting .*plan/,
      true,
    ],
    ["rules of the provider", { ended: refused(400, "cyber_policy") }, /^the rules/, true],
    ["a bill", { ended: refused(402) }, /^waiting .*billing/, true],
    ["a slow request", { ended: refused(408) }, /^try again/, true],
    ["a path that takes no requests", { ended: refused(405) }, /base_url/, true],
    ["a redirect", { ended: refused(307) }, /base_url.*login/, true],
    [
      "a website",
      { ended: refused(400), headers: [["content-type", "text/html; charset=utf-8"]] },
      /base_url.*website/,
      true,
    ],
    [
      "a proxy that says what to check",
      {
        ended: {
          ...network("proxy"),
          ...error({ code: "network", reason: "proxy", message: "x; check http://p:1" }),
        },
      },
      /^check http:\/\/p:1$/,
      true,
    ],
    [
      "what is no event stream",
      { ended: error({ code: "stream", reason: "not_understood" }) },
      /base_url(?!.*limits the length)/,
      false,
    ],
    [
      "damaged compression",
      { ended: error({ code: "stream", reason: "connection_lost", os_code: "Z_DATA_ERROR" }) },
      /compression/,
      false,
    ],
    [
      "what does not speak HTTP",
      {
        ended: {
          ...network("other"),
          ...error({ code: "network", message: "Response does not match the HTTP/1.1 protocol" }),
        },
      },
      /base_url.*port/,
      false,
    ],
    [
      "a connection that is cut before a response",
      { ended: network("other") },
      /^try again; if it goes on, check that the server runs, or/,
      false,
    ],
    [
      "an event that is too large",
      { ended: error({ code: "stream", reason: "event_too_large" }) },
      /^ask for less(?!.*http_only)/,
      false,
    ],
    [
      "silence over HTTP",
      { ended: SILENT },
      /raise first_response_timeout_ms .* stream_idle_timeout_ms(?!.*http_only)/,
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

  test.each<[string, Try, RegExp]>([
    [
      "the server's words before the stream ended",
      { ended: error({ code: "stream", reason: "closed_early", server_code: "error" }) },
      /^The model's server reported error: said so\.$/,
    ],
    [
      "a redirect",
      { ended: { ...refused(307), redirects: 9 } },
      /^The server redirected .*\(307, after 9 redirects that led on\)\.$/,
    ],
    [
      "no status that is none",
      {
        ended: {
          ...error({ code: "invalid_request", server_code: "invalid_prompt" }),
          status: 200,
        },
      },
      /^The server refused the request \(invalid_prompt\)/,
    ],
    [
      "no words that are none",
      { ended: error({ code: "http_status", status: 400, message: "http 400" }) },
      /^The server refused the request \(400\)\.$/,
    ],
    [
      "the words of a server that failed",
      { ended: refused(500) },
      /\(500\) once; gave up; it said: said so\.$/,
    ],
    [
      "what came in place of a response",
      {
        ended: error({ code: "stream", reason: "not_understood" }),
        headers: [["content-type", "text/html"]],
      },
      /^What came was no response of the Responses API \(text\/html, 0 bytes\)\.$/,
    ],
    [
      "damaged compression",
      { ended: error({ code: "stream", reason: "connection_lost", os_code: "Z_DATA_ERROR" }) },
      /^The response could not be decompressed after 0 events/,
    ],
    [
      "bytes that are no text",
      { ended: error({ code: "stream", reason: "invalid_utf8" }) },
      /^The stream had bytes that are no UTF-8/,
    ],
    [
      "a connection that was cut while it was made",
      { ended: network("other") },
      /^The connection was cut while it was made: said so\.$/,
    ],
  ])("and the sentence tells of %s", (_, failure, sentence) => {
    expect(diagnosisOf([failure])?.sentence).toMatch(sentence);
  });

  test.each([
    ["Mon, 30 Nov 2026 12:00:30 GMT", "30"],
    ["0.5", "0.5"],
    ["soon", undefined],
  ])("and a server that asks to wait until %s is understood", (value, secondsAsked) => {
    const atMs = Date.UTC(2026, 10, 30, 12, 0, 0);
    const { attempts } = logOf([{ ended: refused(429), headers: [["retry-after", value]] }]);
    const at = attempts.map((attempt) => ({
      ...attempt,
      responded: attempt.responded && { ...attempt.responded, at_ms: atMs },
    }));
    const asked = / the server asked for (\S+) s/.exec(diagnose(at)?.sentence ?? "")?.[1];
    expect(asked).toBe(secondsAsked);
  });

  test("and what was refused over a WebSocket and granted over HTTP is no fault of key or plan", () => {
    const handshake = (status: number): Try => ({
      started: { transport: "websocket", endpoint: "handshake" },
      ended: refused(status),
      followedBy: [
        {
          type: "transport_switched",
          attempt_id: "a0",
          from: "websocket",
          to: "http",
          cause: "retries_used_up",
        },
      ],
    });
    const granted = { ended: { outcome: "completed" } };
    for (const status of [200, 401, 403, 429]) {
      const diagnosis = diagnosisOf([handshake(status), granted]);
      expect(diagnosis?.code).toBe("upgrade_refused");
      expect(diagnosis?.sentence).toMatch(new RegExp(`with ${status}; .*went on over HTTP`));
      expect(diagnosis?.advice).toBe("set http_only = true to save the tries");
      expect(diagnosis?.isNothingToSend).toBe(false);
    }
  });

  test("and no certificate is named where there is no TLS", () => {
    expect(diagnosisOf([{ ended: network("no_tls") }])?.sentence).toMatch(
      /^host\.example was reached, but does not speak TLS/,
    );
    expect(diagnosisOf([{ ended: network("certificate") }])?.sentence).toContain(
      "but its certificate was refused: said so",
    );
  });

  test("and a certificate for other names is told with them", () => {
    const other = (message: string): Try => ({
      ended: {
        ...error({
          code: "network",
          reason: "certificate",
          os_code: "ERR_TLS_CERT_ALTNAME_INVALID",
          message,
        }),
        t: UNREACHED,
      },
    });
    const told = "does not match certificate's altnames: Host: a. is not in the cert's altnames: ";
    expect(diagnosisOf([other(`${told}DNS:b.example, DNS:*.b.example`)])?.sentence).toBe(
      "host.example was reached, but its certificate is for other names: b.example, *.b.example (ERR_TLS_CERT_ALTNAME_INVALID).",
    );
    expect(
      diagnosisOf([other("altnames: IP: 127.0.0.1 is not in the cert's list: ")])?.sentence,
    ).toContain("is for other names, which the error does not list: ");
  });

  test("and a login that could not be renewed comes before its refusal", () => {
    const failing = (outcome: string): Try => ({
      started: LOGIN,
      ended: REFUSED,
      followedBy: [{ ...RENEWAL, outcome, status: 503 }],
    });
    const reloaded: Try = {
      started: LOGIN,
      ended: REFUSED,
      followedBy: [{ ...RENEWAL, step: "reload", outcome: "ok" }],
    };
    expect(diagnosisOf([reloaded, failing("failed"), failing("failed")])?.sentence).toBe(
      "The login could not be renewed (refresh failed 2 times: status 503), so host.example refused the credentials (401) in 3 tries.",
    );
  });

  test("and where the input is too long, its size is named", () => {
    const started = { request: { bytes: 10, body_bytes: 4000, input_items: 7, headers: [] } };
    const full = { started, ended: error({ code: "context_window_exceeded" }) };
    expect(diagnosisOf([full])?.sentence).toMatch(/had 4000 bytes in 7 input items\.$/);
    expect(diagnosisOf([{ started, ended: refused(413) }])?.sentence).toMatch(
      /^The server refused the request as too large \(413\).*4000 bytes/,
    );
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

  test("of other kinds are named behind it", () => {
    const failed = { ended: error({ code: "http_status", status: 500 }) };
    const overloaded = { ended: refused(503, "busy") };
    expect(diagnosisOf([failed, overloaded, failed, cut(3)])?.sentence).toMatch(
      / Other attempts: try over HTTP: 500 \(2 times\); try over HTTP: 503 busy\.$/,
    );
  });

  test("are listed with what each was, and those that decide first", () => {
    const own = (id: string): object => ({
      request_ids: { x_request_id: id, cf_ray: `ray_${id}` },
    });
    const handshake: Try = {
      started: { transport: "websocket", endpoint: "handshake" },
      ended: { ...refused(403, "no_region"), ...own("req_hand") },
    };
    const close = { code: 1012, reason: "service restart", by: "server", clean: true };
    const closed: Try = { started: SOCKET, ended: { ...error({ code: "stream" }), close } };
    const http: Try = { ended: { ...refused(403, "no_region"), ...own("req_http") } };
    const all = diagnosisOf([closed, handshake, http])?.attemptIds ?? [];
    expect(all.map(({ attempt }) => attempt)).toEqual([
      "try over HTTP: 403 no_region",
      "refused handshake: 403 no_region",
      'try over WebSocket: closed 1012 "service restart" by the server',
    ]);
    expect(all[0]).toMatchObject({ x_request_id: "req_http", cf_ray: "ray_req_http" });
    // A handshake's id is that of no request.
    expect(all[1]).toMatchObject({
      handshake_x_request_id: "req_hand",
      handshake_cf_ray: "ray_req_hand",
    });
    expect(all[1]).not.toHaveProperty("x_request_id");
    expect(all[1]).not.toHaveProperty("cf_ray");
  });

  test.each<[string, object, string]>([
    [
      "a failure in the stream",
      error({ code: "retryable", server_code: "oops" }),
      "oops in the stream",
    ],
    [
      "a cut",
      { ...error({ code: "stream", reason: "closed_early" }), events: 3 },
      "cut after 3 events",
    ],
    ["nobody reached", network("refused"), "no connection (refused)"],
    ["silence", { ...SILENT, t: { ...TIMES, sent: 0, ended: 2e6 } }, "no event within 2.0 s"],
    ["a stop", { outcome: "cancelled", events: 1 }, "stopped after 7.0 s (1 event)"],
  ])("are told by how they ended: %s", (_, ended, told) => {
    expect(diagnosisOf([{ ended }])?.attemptIds[0]?.attempt).toBe(`try over HTTP: ${told}`);
  });

  test("name an id of the message beside that of the header, where it is another", () => {
    const failed = (named: string): Try => ({
      ended: {
        ...error({ code: "retryable", message: `include the request ID ${named}, please` }),
        request_ids: { x_request_id: "req_header" },
      },
    });
    expect(diagnosisOf([failed("req_message")])?.ids).toMatchObject({
      x_request_id: "req_header",
      message_request_id: "req_message",
    });
    expect(diagnosisOf([failed("req_header")])?.ids).not.toHaveProperty("message_request_id");
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

test("a warm-up nobody waited for was not cancelled by the user", () => {
  const diagnosis = diagnosisOf([
    { started: { request_kind: "prewarm" }, ended: { outcome: "cancelled" } },
  ]);
  expect(diagnosis?.sentence).toMatch(/^It was stopped after 7\.0 s .*nobody waited/);
  expect(diagnosis?.advice).toMatch(/^nothing to do/);
});

test("a wait that was broken off is not counted as waited", () => {
  const limited = { ended: refused(429), followedBy: [WAIT] };
  const diagnosis = diagnosisOf([limited]);
  expect(diagnosis?.code).toBe("cancelled");
  expect(diagnosis?.sentence).toMatch(
    /^Limited \(429\): 1 try; .* It was stopped in a wait of 60 s before another try\.$/,
  );
  expect(diagnosis?.advice).toMatch(/^wait/);
  const options = { isOfCancelledTurn: true, brokenOffWaitMs: 3300 };
  expect(diagnosisOf([limited], options)?.sentence).toMatch(
    / The user or the calling program stopped the turn 3\.3 s into a wait of 60 s before another try\.$/,
  );
  expect(diagnosisOf([limited], { isOfFailedTurn: true })?.code).toBe("stopped_by_client");
  expect(diagnosisOf([limited, { ended: refused(429) }])?.sentence).toMatch(/2 tries, 60 s waited/);
});

test("a server that asks for a longer wait than this client's is told as such", () => {
  const limited = (seconds: string): Try => ({
    ended: refused(429),
    headers: [["retry-after", seconds]],
    followedBy: [WAIT],
  });
  expect(diagnosisOf([limited("4320")])?.sentence).toContain(
    "the server asked for 4320 s, this client waits 60 s at most",
  );
  expect(diagnosisOf([limited("60")])?.sentence).not.toContain("at most");
});

test("a retry that never took place is none, and its wait counts until the turn ended", () => {
  const limited: Try = {
    started: { thread_id: "thread", turn_id: "turn" },
    ended: { ...refused(429), thread_id: "thread", turn_id: "turn" },
    followedBy: [{ ...WAIT, at_ms: 5000 }],
  };
  const log = logOf([limited]);
  const execution = {
    started_at_unix_ms: 1,
    started_seq: 1,
    ended_at_unix_ms: 8300,
    ended_seq: 2,
    status: "cancelled" as const,
  };
  const turn = { codex_turn_id: "turn", thread_id: "thread", execution, input_item_ids: [] };
  const state = { inference_calls: {}, compaction_requests: {}, codex_turns: { turn } };
  const joined = joinWire(state, log);
  expect(joined.requests[0]).toMatchObject({ brokenOffWaitMs: 3300 });
  expect(summarizeWire(log, joined)).toMatchObject({
    retries: 0,
    lost: { waitingForRetriesMs: 3300 },
  });
  const twice = logOf([limited, limited]);
  expect(summarizeWire(twice, joinWire(state, twice))).toMatchObject({
    retries: 1,
    lost: { waitingForRetriesMs: 63_300 },
  });
});

test("a silence that ended an attempt is lost time, however short, and a pause that ended nothing is none", () => {
  const pause = { events: 3, max_gap_us: 900_000, max_gap_after: "response.created" };
  const log = logOf([
    { ended: { ...error({ code: "timeout" }), ...pause, timeout: "idle" } },
    { ended: { ...pause, max_gap_us: 5_000_000, stalls: 1 } },
    { ended: { ...pause, outcome: "completed" } },
  ]);
  const joined = joinWire({ inference_calls: {}, compaction_requests: {} }, log);
  expect(summarizeWire(log, joined).lost.stalledMs).toBe(5900);
});

test("counts tell compactions, refused handshakes and what was stopped", () => {
  const log = logOf([
    { started: { request_kind: "compaction" }, ended: { outcome: "completed" } },
    { started: { endpoint: "handshake" }, ended: refused(403) },
    { ended: { outcome: "cancelled" } },
  ]);
  expect(
    summarizeWire(log, joinWire({ inference_calls: {}, compaction_requests: {} }, log)).http,
  ).toEqual({
    tries: 2,
    warmUps: 0,
    compactions: 1,
    handshakes: 1,
    failed: 1,
    failedHandshakes: 1,
    stopped: 1,
  });
});
