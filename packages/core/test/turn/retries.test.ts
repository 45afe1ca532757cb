import { describe, expect, test } from "vitest";
import {
  comment,
  completed,
  created,
  disconnect,
  errorExchange,
  failedExchange,
  hang,
  message,
  messageExchange,
  reset,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { inferencesOf, readRawBundle, reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene } from "../support/harness.ts";
import type { SceneOptions } from "../support/harness.ts";

const retryTexts = (events: Awaited<ReturnType<Awaited<ReturnType<typeof startScene>>["turn"]>>) =>
  ofType(events, "streamRetry").map((event) => `${event.message} (${event.details})`);

/** How often the server was asked, what the user read, how it ended. */
async function play(script: readonly Exchange[], options: SceneOptions = {}) {
  await using scene = await startScene(script, options);
  const events = await scene.turn("go");
  const last = events.at(-1);
  const outcome =
    last?.type === "turnFailed" ? `${last.error.code}: ${last.error.message}` : last?.type;
  const attempts = ofType(events, "inferenceFinished").map(({ inference }) => inference.status);
  const state = await reduceStrictly(scene.thread);
  expect(inferencesOf(state).map((call) => call.execution.status)).toEqual(attempts);
  expect(scene.server.unexpectedRequests).toEqual([]);
  return {
    requests: scene.server.requests.length,
    retries: retryTexts(events),
    outcome,
    attempts,
    sleepsMs: scene.sleepsMs,
  };
}

const POLICIES = ["0.169", "0.140"] as const;

const cut: Exchange = { events: [created(), message("Half."), disconnect()] };
const good = messageExchange("Good.");
const closedEarly =
  "stream disconnected before completion: stream closed before response.completed";

describe("a turn whose requests fail", () => {
  test.each(POLICIES)(
    "[core/C9-cut] retries a cut stream with growing delays and tells the user each time (policy %s)",
    async (errorPolicy) => {
      const result = await play([cut, cut, good], { errorPolicy });
      expect(result).toMatchObject({
        requests: 3,
        outcome: "turnCompleted",
        attempts: ["failed", "failed", "completed"],
        sleepsMs: [200, 400],
      });
      expect(result.retries[0]).toMatch(/^Reconnecting\.\.\. 1\/2 \(stream disconnected before/);
      expect(result.retries[1]).toMatch(/^Reconnecting\.\.\. 2\/2 \(/);
    },
  );

  test.each(POLICIES)(
    "[core/C9-closed] names a stream that ends without response.completed (policy %s)",
    async (errorPolicy) => {
      const result = await play([{ events: [created(), message("Half.")] }, good], { errorPolicy });
      expect(result.retries).toEqual([`Reconnecting... 1/2 (${closedEarly})`]);
    },
  );

  test.each(POLICIES)(
    "[core/C9-spent] fails when its retries are spent (policy %s)",
    async (errorPolicy) => {
      const result = await play([cut, cut, cut], { errorPolicy });
      expect(result).toMatchObject({ requests: 3, attempts: ["failed", "failed", "failed"] });
      expect(result.outcome).toMatch(/^stream: stream disconnected before completion/);
    },
  );

  test.each(POLICIES)(
    "[core/C9-500] multiplies the transport's retries with its own on a permanent 500 (policy %s)",
    async (errorPolicy) => {
      const result = await play([{ ...errorExchange(500), repeat: 6 }], { errorPolicy });
      expect(result).toMatchObject({ requests: 6, attempts: ["failed", "failed", "failed"] });
      expect(result.outcome).toMatch(/^internal_server_error: .*high demand/);
    },
  );

  test.each(POLICIES)(
    "[core/C9-reset] survives a reset before the answer, in its headers and in its stream (policy %s)",
    async (errorPolicy) => {
      const result = await play(
        [
          { beforeStatus: [reset()], events: [] },
          { beforeHeaders: [reset()], events: [] },
          { events: [created(), reset()] },
          good,
        ],
        { errorPolicy, providerInfo: { requestMaxRetries: 0, streamMaxRetries: 3 } },
      );
      expect(result).toMatchObject({ requests: 4, outcome: "turnCompleted" });
      expect(result.attempts).toEqual(["failed", "failed", "failed", "completed"]);
      expect(result.retries).toHaveLength(3);
    },
  );

  for (const [name, exchange, outcome, requests] of [
    ["400", errorExchange(400, { message: "Bad." }), /^invalid_request: .*Bad\./, 1],
    ["429", errorExchange(429), /^retry_limit: exceeded retry limit, last status: 429/, 1],
    [
      "429 with a usage limit",
      errorExchange(429, { type: "usage_limit_reached" }),
      /^usage_limit_reached: /,
      1,
    ],
    ["401", { ...errorExchange(401), repeat: 3 }, /^unexpected_status: unexpected status 401/, 3],
    [
      "context_length_exceeded",
      failedExchange({ code: "context_length_exceeded", message: "x" }),
      /^context_window_exceeded: /,
      1,
    ],
    [
      "insufficient_quota",
      failedExchange({ code: "insufficient_quota", message: "x" }),
      /^quota_exceeded: /,
      1,
    ],
    [
      "invalid_prompt",
      failedExchange({ code: "invalid_prompt", message: "No." }),
      /^invalid_request: No\./,
      1,
    ],
    [
      "server_is_overloaded",
      failedExchange({ code: "server_is_overloaded", message: "x" }),
      /^server_overloaded: /,
      1,
    ],
  ] as const) {
    test(`[core/C9-final] ends as specified under both policies: ${name}`, async () => {
      for (const errorPolicy of ["0.169", "0.140"] as const) {
        const result = await play([exchange], {
          errorPolicy,
          providerInfo: { requestMaxRetries: 0 },
        });
        expect(result.outcome).toMatch(outcome);
        expect(result.requests).toBe(requests);
      }
    });
  }

  test("[core/C9-hint] waits as long as a rate limit says, with the words of the policy", async () => {
    const limited = failedExchange({
      code: "rate_limit_exceeded",
      message: "Rate limit reached. Please try again in 1.2s.",
    });
    for (const [errorPolicy, text] of [
      ["0.169", "rate limit exceeded: "],
      ["0.140", "stream disconnected before completion: "],
    ] as const) {
      const result = await play([limited, good], { errorPolicy });
      expect(result).toMatchObject({ outcome: "turnCompleted", sleepsMs: [1200] });
      expect(result.retries[0]).toContain(`(${text}Rate limit reached.`);
    }
  });

  test("[core/C9-retry-after] keeps the wait a 429 asks for under 0.169 only", async () => {
    const limited = errorExchange(429, { headers: { "retry-after": "3" } });
    const newer = await play([limited, good], { errorPolicy: "0.169" });
    expect(newer).toMatchObject({ outcome: "turnCompleted", sleepsMs: [3000] });
    const older = await play([limited], { errorPolicy: "0.140" });
    expect(older.outcome).toMatch(/^retry_limit/);
  });

  test.each(POLICIES)(
    "[core/C9-idle] gives up a silent stream after the provider's idle time and retries (policy %s)",
    async (errorPolicy) => {
      const result = await play([{ events: [created(), comment("keep-alive"), hang()] }, good], {
        errorPolicy,
        providerInfo: { streamIdleTimeoutMs: 200 },
      });
      expect(result).toMatchObject({ outcome: "turnCompleted", attempts: ["failed", "completed"] });
      expect(result.retries[0]).toContain("idle timeout waiting for SSE");
    },
  );

  test("[core/C9-key] fails without a request when the key variable is missing", async () => {
    const result = await play([], { providerInfo: { envKey: "NOT_SET" } });
    expect(result).toMatchObject({ requests: 0, attempts: [] });
    expect(result.outcome).toMatch(/^configuration: .*NOT_SET/);
  });

  test.each([
    ["0.171", "failed"],
    ["0.140", "completed"],
  ] as const)(
    "[core/C9-history] leaves the thread usable after a failed turn: %s",
    async (compatibility, status) => {
      await using scene = await startScene(
        [errorExchange(400), { events: [created(), message("Fine."), completed()] }],
        { compatibility },
      );
      expect((await scene.turn("one")).at(-1)?.type).toBe("turnFailed");
      expect((await scene.turn("two")).at(-1)?.type).toBe("turnCompleted");
      const bundle = readRawBundle(scene.thread.bundlePath);
      expect(bundle.of("codex_turn_ended").map((event) => event.status)).toEqual([
        status,
        "completed",
      ]);
      const error = bundle
        .of("protocol_event_observed")
        .find((event) => event.event_type === "error");
      expect(bundle.payload(error?.event_payload)).toMatchObject({
        type: "error",
        codex_error_info: "other",
      });
    },
  );
});
