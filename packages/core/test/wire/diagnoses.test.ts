import type { CodexThread } from "@codex-ts/core";
import {
  bytes,
  completed,
  created,
  disconnect,
  errorExchange,
  failed,
  failedExchange,
  gate,
  inProgress,
  message,
  messageExchange,
  rawEvent,
  reasoning,
  reset,
  textDelta,
  wrappedError,
} from "@codex-ts/responses-server";
import type { Exchange, Script } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import type { Scene, SceneOptions } from "../support/harness.ts";
import { startScene } from "../support/harness.ts";
import { readWireOf } from "./wire-scene.ts";

/** A recorded run of the corpus by its name there, played through this client. */
interface Scenario {
  readonly name: string;
  readonly script: Script;
  readonly options?: SceneOptions;
  /** Default: one turn per `inputs`, one if there are none. */
  readonly run?: (scene: Scene) => Promise<unknown>;
  readonly inputs?: readonly string[];
  /** Of each request of a turn or a compaction, in order. */
  readonly codes: readonly (string | undefined)[];
}

const WEBSOCKETS: SceneOptions = { providerInfo: { supportsWebsockets: true } };
const interrupted = (thread: CodexThread) => thread.interrupt();

/** Runs a turn that is stopped once the server has come to the gate. */
async function stopAtGate(scene: Scene): Promise<void> {
  const { server, thread } = scene;
  const events = scene.turn("go");
  await server.waitForGate("mid");
  // What was sent before it is to arrive.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await interrupted(thread);
  server.release("mid");
  await events;
}

const partOf = (text: string) => [created(), message(text), textDelta("half")];
const failing = (code: string, text: string): Exchange => failedExchange({ code, message: text });

const SCENARIOS: readonly Scenario[] = [
  {
    name: "http-400",
    script: [
      errorExchange(400, { message: "Invalid input." }),
      { status: 400, body: { detail: "Unsupported model" } },
      messageExchange("Fine."),
    ],
    inputs: ["one", "two", "three"],
    codes: ["bad_request", "bad_request", undefined],
  },
  {
    name: "http-401",
    script: [
      { ...errorExchange(401, { code: "invalid_api_key" }), repeat: 6 },
      messageExchange("Accepted."),
    ],
    codes: ["auth_refused"],
  },
  {
    name: "http-500-once",
    script: [errorExchange(500), messageExchange("Up.")],
    codes: ["recovered: server_error"],
  },
  {
    name: "response-failed-generic",
    script: [{ ...failing("server_error", "The server had an error."), repeat: Infinity }],
    codes: ["response_failed"],
  },
  {
    name: "response-failed-kinds",
    script: [
      failing("insufficient_quota", "You exceeded your current quota."),
      failing("usage_not_included", "Upgrade."),
      failing("invalid_prompt", "Invalid prompt: flagged."),
      failing("server_is_overloaded", "Busy."),
      failing("cyber_policy", "Flagged."),
    ],
    inputs: ["0", "1", "2", "3", "4"],
    codes: ["usage_limit", "response_failed", "bad_request", "overloaded", "response_failed"],
  },
  {
    name: "response-failed-rate-limit",
    script: [
      {
        events: [
          ...partOf("Partial."),
          failed({ code: "rate_limit_exceeded", message: "Please try again in 0.2s." }),
        ],
      },
      messageExchange("Through."),
    ],
    codes: ["recovered: rate_limited"],
  },
  {
    name: "request-id-on-failure",
    script: [
      {
        events: [...partOf("Part."), failed({ code: "invalid_prompt", message: "Bad." })],
        requestId: "req_failed",
        headers: { "x-oai-request-id": "oai_failed", "cf-ray": "ray-1" },
      },
      { events: partOf("Cut."), requestId: "req_cut" },
      messageExchange("Retried.", { requestId: "req_retry" }),
      {
        ...errorExchange(400, { message: "Bad request." }),
        requestId: null,
        headers: { "x-oai-request-id": "oai_400", "cf-ray": "ray-2" },
      },
      { events: [...partOf("Part."), gate("mid")], requestId: "req_cancelled" },
    ],
    run: async (scene) => {
      for (const input of ["one", "two", "three"]) await scene.turn(input);
      await stopAtGate(scene);
    },
    codes: ["bad_request", "recovered: cut_mid_stream", "bad_request", "cancelled"],
  },
  {
    name: "stream-closed-retry",
    script: [{ events: partOf("Partial item.") }, messageExchange("Recovered.")],
    codes: ["recovered: cut_mid_stream"],
  },
  {
    name: "interrupt-mid-stream",
    script: [{ events: [...partOf("First."), gate("mid"), completed()] }, messageExchange("Back.")],
    run: async (scene) => {
      await stopAtGate(scene);
      await scene.turn("go on");
    },
    codes: ["cancelled", undefined],
  },
  {
    name: "interrupt-before-created",
    script: [{ events: [gate("mid"), created(), completed()] }, messageExchange("Fine.")],
    run: async (scene) => {
      await stopAtGate(scene);
      await scene.turn("go on");
    },
    codes: ["cancelled", undefined],
  },
  {
    name: "ws-interrupt",
    options: WEBSOCKETS,
    script: [{ events: [...partOf("Done."), gate("mid"), completed()] }, messageExchange("Next.")],
    run: async (scene) => {
      await stopAtGate(scene);
      await scene.turn("two");
    },
    codes: ["cancelled", undefined],
  },
  {
    name: "ws-fallback-426",
    options: { ...WEBSOCKETS, server: { handshakes: [{ status: 426, repeat: Infinity }] } },
    script: [messageExchange("Over HTTP."), messageExchange("Still HTTP.")],
    inputs: ["one", "two"],
    codes: [undefined, undefined],
  },
  {
    name: "compact-local-failed",
    script: [
      messageExchange("One."),
      { ...failing("server_error", "No summary for you."), repeat: 3 },
      messageExchange("Still alive."),
    ],
    run: async (scene) => {
      await scene.turn("one");
      await scene.thread.compact().result();
      await scene.turn("two");
    },
    codes: [undefined, "response_failed", undefined],
  },
  {
    name: "compact-remote-v1-failed",
    options: { providerInfo: { name: "OpenAI" }, remoteCompaction: "v1" },
    script: [
      messageExchange("One."),
      { ...errorExchange(400, { message: "Cannot compact." }), path: "/responses/compact" },
      { ...errorExchange(500), path: "/responses/compact", repeat: Infinity },
      messageExchange("Two."),
    ],
    run: async (scene) => {
      await scene.turn("one");
      await scene.thread.compact().result();
      await scene.thread.compact().result();
      await scene.turn("two");
    },
    codes: [undefined, "bad_request", "server_error", undefined],
  },
  {
    name: "empty-response",
    script: [
      { events: [created(), completed()] },
      { events: [created(), message(""), completed()] },
      { events: [created(), reasoning({ summary: [] }), completed()] },
    ],
    inputs: ["one", "two", "three"],
    codes: [undefined, undefined, undefined],
  },
  {
    name: "bad-sse-events",
    script: [
      {
        events: [
          bytes(": a comment\n\n"),
          created(),
          inProgress(),
          bytes('event: response.mystery\ndata: {"type":"response.mystery","x":1}\n\n'),
          bytes("event: broken\ndata: {not json\n\n"),
          message("Still here."),
          completed(),
        ],
      },
    ],
    codes: [undefined],
  },
];

/** Failures of the same kinds that the corpus does not have. */
const OTHERS: readonly Scenario[] = [
  {
    name: "429 of an account that has no limit left",
    script: [
      {
        ...errorExchange(429, { code: "usage_limit_reached", type: "usage_limit_reached" }),
        headers: { "x-codex-primary-reset-at": "1800000000" },
      },
    ],
    codes: ["usage_limit"],
  },
  {
    name: "429 of a rate limit",
    script: [{ ...errorExchange(429), headers: { "retry-after": "7" }, repeat: Infinity }],
    codes: ["rate_limited"],
  },
  {
    name: "a 403 of Cloudflare",
    script: [
      {
        status: 403,
        requestId: null,
        headers: { "cf-ray": "ray-9", server: "cloudflare", "content-type": "text/html" },
        body: "<html><title>Attention</title></html>",
        repeat: Infinity,
      },
    ],
    codes: ["forbidden_edge"],
  },
  {
    name: "a 403 of the API",
    script: [{ ...errorExchange(403), headers: { "cf-ray": "ray-9" }, repeat: Infinity }],
    codes: ["bad_request"],
  },
  {
    name: "a reset before an answer, then one",
    script: [{ beforeStatus: [reset()], events: [] }, messageExchange("hi")],
    codes: ["recovered: cut_mid_stream"],
  },
  {
    name: "a body that breaks",
    script: [{ events: [...partOf("x"), disconnect()], repeat: Infinity }],
    codes: ["cut_mid_stream"],
  },
  {
    name: "an event stream that is none",
    script: [{ status: 200, body: "<html>hello</html>", repeat: Infinity }],
    codes: ["cut_mid_stream"],
  },
  {
    name: "a socket that has reached its age limit",
    options: WEBSOCKETS,
    script: [
      {
        events: [
          wrappedError({
            status: 400,
            code: "websocket_connection_limit_reached",
            message: "60 minutes",
          }),
        ],
      },
      messageExchange("hi"),
    ],
    codes: ["recovered: connection_limit"],
  },
  {
    name: "a response the server has forgotten",
    options: WEBSOCKETS,
    script: [
      {
        events: [
          wrappedError({
            status: 400,
            code: "previous_response_not_found",
            message: "unknown",
          }),
        ],
      },
      messageExchange("hi"),
    ],
    codes: ["recovered: previous_response_lost"],
  },
  {
    name: "an upgrade that is refused with 503",
    options: {
      ...WEBSOCKETS,
      server: { handshakes: [{ status: 503, repeat: Infinity }] },
    },
    script: [messageExchange("over HTTP")],
    codes: ["upgrade_refused"],
  },
  {
    name: "an error event in the stream",
    script: [
      {
        events: [...partOf("x"), rawEvent({ type: "error", code: null, message: "out of order" })],
        repeat: Infinity,
      },
    ],
    codes: ["response_failed"],
  },
  {
    name: "an upgrade that is refused with 401, of a key that HTTP takes",
    options: { ...WEBSOCKETS, server: { handshakes: [{ status: 401, repeat: Infinity }] } },
    script: [messageExchange("over HTTP")],
    codes: ["upgrade_refused"],
  },
  {
    name: "a redirect that never ends",
    script: [{ status: 307, headers: { location: "/v1/responses" }, body: "", repeat: Infinity }],
    codes: ["bad_request"],
  },
  {
    name: "compression that is none",
    script: [
      {
        status: 200,
        headers: { "content-encoding": "gzip", "content-type": "text/event-stream" },
        body: "no gzip",
        repeat: Infinity,
      },
    ],
    codes: ["cut_mid_stream"],
  },
  {
    name: "nobody listens",
    options: { providerInfo: { baseUrl: "http://127.0.0.1:1/v1" } },
    script: [],
    codes: ["connect_refused"],
  },
  {
    name: "a name that does not exist",
    options: { providerInfo: { baseUrl: "http://nowhere.invalid/v1" } },
    script: [],
    codes: ["dns_failed"],
  },
  {
    name: "a server without TLS",
    options: { providerInfo: { baseUrl: "https://127.0.0.1:1/v1" } },
    script: [],
    codes: ["connect_refused"],
  },
  {
    name: "an unknown event alone",
    script: [{ events: [rawEvent({ type: "hello" })], repeat: Infinity }],
    codes: ["cut_mid_stream"],
  },
];

async function play({ script, options, run, inputs = ["go"] }: Scenario) {
  await using scene = await startScene(script, options);
  if (run !== undefined) await run(scene);
  else for (const input of inputs) await scene.turn(input);
  return await readWireOf(scene.thread);
}

describe("[core/WL-10] a recorded failure gets its diagnosis", () => {
  test.each(SCENARIOS)("$name", async (scenario) => {
    const wire = await play(scenario);
    expect(wire.codes).toEqual(scenario.codes);
    expect(wire.log.diagnostics).toEqual([]);
    expect(wire.join.diagnostics).toEqual([]);
  });

  test("and has the ids the wire had, each under its own name", async () => {
    const scenario = SCENARIOS.find(({ name }) => name === "request-id-on-failure");
    const wire = await play(scenario as Scenario);
    const ids = wire.join.requests.map(({ diagnosis }) => diagnosis?.ids);
    expect(ids).toMatchObject([
      { x_request_id: "req_failed", x_oai_request_id: "oai_failed", cf_ray: "ray-1" },
      { x_request_id: "req_cut" },
      { x_oai_request_id: "oai_400", cf_ray: "ray-2" },
      { x_request_id: "req_cancelled" },
    ]);
    expect(ids[2]).not.toHaveProperty("x_request_id");
  });
});

test("what came in place of a response is not in the log", async () => {
  const { text } = await play({
    name: "a page",
    script: [{ status: 200, body: { canary: "body" }, repeat: Infinity }],
    codes: [],
  });
  expect(text).toContain('"reason":"not_understood"');
  expect(text).not.toContain("canary");
});

describe("so do failures that were never recorded", () => {
  test.each(OTHERS)("$name", async (scenario) => {
    expect((await play(scenario)).codes).toEqual(scenario.codes);
  });
});
