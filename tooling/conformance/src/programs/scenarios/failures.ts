import {
  created,
  disconnect,
  end,
  errorExchange,
  failedExchange,
  incomplete,
  messageExchange,
  streamedMessage,
} from "@codex-ts/responses-server";
import type { BodyReply, ExchangeSelector, StreamReply } from "@codex-ts/responses-server";
import type { LiveScenario } from "../live-scenario.ts";

/** A server that always sends the same response. */
function always(
  name: string,
  exchange: ExchangeSelector & (BodyReply | StreamReply),
): LiveScenario {
  return { name, script: [{ ...exchange, repeat: Infinity }] };
}

/** A server that fails once. */
function once(name: string, exchange: ExchangeSelector & (BodyReply | StreamReply)): LiveScenario {
  return { name, script: [exchange, messageExchange("Better now.", { requestId: "req_2" })] };
}

const REQUEST_ID = "req_1";

/** Failures over HTTP. */
export const FAILURE_SCENARIOS: readonly LiveScenario[] = [
  {
    ...once("broken-stream", {
      requestId: REQUEST_ID,
      events: [created("resp_1"), ...streamedMessage("Cut off.").slice(0, 2), disconnect()],
    }),
    runsUntraced: true,
  },
  once("stream-without-end", {
    events: [created("resp_1"), ...streamedMessage("Whole item."), end()],
  }),
  { ...once("http-500-once", errorExchange(500, { message: "try again" })), runsUntraced: true },
  always("http-500-always", errorExchange(500, { message: "try again" })),
  {
    ...always("http-400", errorExchange(400, { message: "no", requestId: REQUEST_ID })),
    runsUntraced: true,
  },
  always(
    "http-400-context-window",
    errorExchange(400, { message: "too long", code: "context_length_exceeded" }),
  ),
  always(
    "http-401",
    errorExchange(401, { message: "no", code: "invalid_api_key", requestId: REQUEST_ID }),
  ),
  always("http-403", errorExchange(403, { message: "no", requestId: REQUEST_ID })),
  always("http-404", errorExchange(404, { message: "no", requestId: REQUEST_ID })),
  always("http-429", errorExchange(429, { message: "slow down", requestId: REQUEST_ID })),
  always("http-429-usage-limit", {
    status: 429,
    body: {
      error: {
        type: "usage_limit_reached",
        message: "no more",
        plan_type: "plus",
        resets_at: 4_102_444_800,
      },
    },
  }),
  always("http-503", errorExchange(503, { message: "busy", code: "server_is_overloaded" })),
  {
    ...always(
      "response-failed",
      failedExchange({ code: "invalid_prompt", message: "not this one", requestId: REQUEST_ID }),
    ),
    runsUntraced: true,
  },
  once("response-failed-once", failedExchange({ code: "server_error", message: "broke down" })),
  always("response-failed-always", failedExchange({ code: "server_error", message: "broke down" })),
  once(
    "rate-limit",
    failedExchange({ code: "rate_limit_exceeded", message: "Please try again in 0.2s." }),
  ),
  always("quota", failedExchange({ code: "insufficient_quota", message: "no money" })),
  always("overloaded", failedExchange({ code: "server_is_overloaded", message: "busy" })),
  always("context-window", failedExchange({ code: "context_length_exceeded", message: "long" })),
  always("incomplete", {
    events: [created("resp_1"), ...streamedMessage("Half."), incomplete("max_output_tokens")],
  }),
  always("filtered", { events: [created("resp_1"), incomplete("content_filter")] }),
];
