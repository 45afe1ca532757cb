// The table of docs/behavior/core.md 1.8, row by row, as a turn meets it.
import { describe, expect, test } from "vitest";
import {
  completed,
  connectionLimitReached,
  created,
  disconnect,
  errorExchange,
  failedExchange,
  hang,
  incomplete,
  message,
  messageExchange,
  rawEvent,
  reset,
  wrappedError,
} from "@codex-ts/responses-server";
import type { Exchange, Handshake } from "@codex-ts/responses-server";
import { ofType, startScene } from "../support/harness.ts";

const POLICIES = ["0.169", "0.140"] as const;
type Policy = (typeof POLICIES)[number];

interface Row {
  readonly name: string;
  readonly script: readonly Exchange[];
  readonly handshakes?: readonly Handshake[];
  readonly isWebSocket?: boolean;
  readonly idleTimeoutMs?: number;
  /** Requests that were sent, and upgrades that were asked for. */
  readonly requests: number | Readonly<Record<Policy, number>>;
  readonly upgrades?: number;
  /** `n/max` of the notices the user reads. */
  readonly notices?: readonly string[] | Readonly<Record<Policy, readonly string[]>>;
  /** Text of the answer, or code and beginning of the message of the failure. */
  readonly outcome: string | RegExp | Readonly<Record<Policy, string | RegExp>>;
  readonly hasFallback?: boolean;
}

const good = messageExchange("Good.");
const always = (exchange: Exchange): Exchange => ({ ...exchange, repeat: Infinity });
const failed = (code: string): Exchange =>
  failedExchange({ code, message: "Please try again in 0.2s." });
const closedEarly: Exchange = { events: [created(), message("Half.")] };
/** The upgrades are those of the warm-up, the turn and its retries. */
const overHttp = { isWebSocket: true, outcome: "Good.", notices: ["2/2"], hasFallback: true };

const ROWS: readonly Row[] = [
  {
    name: "a stream that ends without completed, twice",
    script: [closedEarly, closedEarly, good],
    requests: 3,
    notices: ["1/2", "2/2"],
    outcome: "Good.",
  },
  {
    name: "a reset in the stream",
    script: [{ events: [created(), reset()] }, { events: [created(), reset()] }, good],
    requests: 3,
    notices: ["1/2", "2/2"],
    outcome: "Good.",
  },
  {
    name: "500 always",
    script: [always(errorExchange(500))],
    requests: 6,
    notices: ["1/2", "2/2"],
    outcome: /^internal_server_error: /,
  },
  { name: "400", script: [errorExchange(400)], requests: 1, outcome: /^invalid_request: / },
  {
    name: "429 with a usage limit",
    script: [errorExchange(429, { type: "usage_limit_reached" })],
    requests: 1,
    outcome: /^usage_limit_reached: /,
  },
  {
    name: "another 429",
    script: [errorExchange(429)],
    requests: 1,
    outcome: /^retry_limit: exceeded retry limit, last status: 429 Too Many Requests/,
  },
  {
    name: "401 that nothing can be done about",
    script: [always(errorExchange(401))],
    requests: 3,
    notices: ["1/2", "2/2"],
    outcome: /^unexpected_status: unexpected status 401 Unauthorized: /,
  },
  ...[
    ["context_length_exceeded", /^context_window_exceeded: /] as const,
    ["insufficient_quota", /^quota_exceeded: /] as const,
    ["invalid_prompt", /^invalid_request: /] as const,
    ["server_is_overloaded", /^server_overloaded: /] as const,
  ].map(([code, outcome]) => ({ name: code, script: [failed(code)], requests: 1, outcome })),
  ...["rate_limit_exceeded", "nobody_knows"].map((code) => ({
    name: code,
    script: [failed(code), good],
    requests: 2,
    notices: ["1/2"],
    outcome: "Good.",
  })),
  {
    name: "response.incomplete",
    script: [{ events: [created(), incomplete("max_output_tokens")] }, good],
    requests: { "0.140": 2, "0.169": 1 },
    notices: { "0.140": ["1/2"], "0.169": [] },
    outcome: { "0.140": "Good.", "0.169": /Incomplete response returned, reason: max_output_tok/ },
  },
  {
    ...overHttp,
    name: "upgrades answered 500",
    script: [{ ...good, transport: "http" }],
    handshakes: [{ status: 500, repeat: Infinity }],
    requests: 1,
    upgrades: 4,
  },
  {
    ...overHttp,
    name: "a connection that is closed before completed",
    script: [
      always({ events: [created(), disconnect()], transport: "websocket" }),
      { ...good, transport: "http" },
    ],
    requests: 4,
    upgrades: 3,
  },
  {
    ...overHttp,
    name: "an error event of status 500",
    script: [
      always({ events: [wrappedError({ status: 500, message: "m" })], transport: "websocket" }),
      { ...good, transport: "http" },
    ],
    requests: 4,
    upgrades: 3,
  },
  ...[
    ["usage_limit_reached", 429, /^usage_limit_reached: /] as const,
    ["invalid_request_error", 400, /^invalid_request: \{.*"m"/] as const,
  ].map(([type, status, outcome]) => ({
    name: `an error event of status ${status}`,
    isWebSocket: true,
    script: [{ events: [wrappedError({ status, type, message: "m" })] }],
    requests: 1,
    upgrades: 1,
    outcome,
  })),
  {
    name: "a connection that has reached its limit",
    isWebSocket: true,
    script: [{ events: [connectionLimitReached()] }, good],
    requests: 2,
    upgrades: 2,
    outcome: "Good.",
  },
  {
    name: "an error event without a status",
    isWebSocket: true,
    script: [
      {
        events: [
          created(),
          rawEvent({ type: "error", error: { message: "odd" } }),
          message("Good."),
          completed(),
        ],
      },
    ],
    requests: 1,
    upgrades: 1,
    outcome: "Good.",
  },
  {
    name: "an error event without a status, then nothing",
    isWebSocket: true,
    idleTimeoutMs: 300,
    script: [
      { events: [created(), rawEvent({ type: "error", error: { message: "odd" } }), hang()] },
      good,
    ],
    requests: 2,
    upgrades: 2,
    outcome: "Good.",
  },
  {
    name: "an upgrade answered 426",
    isWebSocket: true,
    script: [{ ...good, transport: "http" }],
    handshakes: [{ status: 426, repeat: Infinity }],
    requests: 1,
    upgrades: 1,
    outcome: "Good.",
  },
];

const matching = (expression: string | RegExp): unknown => expect.stringMatching(expression);

describe.each(POLICIES)("a turn under the policy of %s", (errorPolicy) => {
  test.each(ROWS)("[core/C9] $name", async (row) => {
    await using scene = await startScene(row.script, {
      errorPolicy,
      providerInfo: {
        requestMaxRetries: 1,
        streamMaxRetries: 2,
        supportsWebsockets: row.isWebSocket === true,
        ...(row.idleTimeoutMs !== undefined && { streamIdleTimeoutMs: row.idleTimeoutMs }),
      },
      server: { ...(row.handshakes && { handshakes: row.handshakes }) },
    });
    const events = await scene.turn("go");
    const last = events.at(-1);
    const text =
      last?.type === "turnFailed"
        ? `${last.error.code}: ${last.error.message}`
        : last?.type === "turnCompleted" && last.lastAgentMessage;
    expect(text).toEqual(typeof row.outcome === "string" ? row.outcome : matching(of(row.outcome)));
    // A warm-up is no request of the turn.
    const asked = scene.server.requests.filter(
      ({ body }) => (body as { generate?: boolean }).generate !== false,
    );
    expect(asked).toHaveLength(of(row.requests));
    expect(scene.server.connections).toHaveLength(row.upgrades ?? 0);
    const notices = ofType(events, "streamRetry").map(({ message: notice }) => notice);
    expect(notices).toEqual(of(row.notices ?? []).map((n) => `Reconnecting... ${n}`));
    const warnings = ofType(events, "warning").map(({ message: warning }) => warning);
    expect(warnings.filter((warning) => warning.startsWith("Falling back from"))).toHaveLength(
      row.hasFallback === true ? 1 : 0,
    );
  });

  function of<T>(value: T | Readonly<Record<Policy, T>>): T {
    const isByPolicy = typeof value === "object" && value !== null && "0.140" in value;
    return isByPolicy ? (value as Record<Policy, T>)[errorPolicy] : value;
  }
});
