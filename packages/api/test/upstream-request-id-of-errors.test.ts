import { describe, expect, test } from "vitest";
import type {
  AnyApiError,
  ApiProvider,
  ClientOptions,
  StreamErrorReason,
  StreamOptions,
} from "@codex-ts/api";
import { CompactClient, MemoriesClient, ModelsClient, SearchClient } from "@codex-ts/api";
import type { ErrorPolicy } from "@codex-ts/protocol";
import {
  bytes,
  completed,
  created,
  disconnect,
  failed,
  hang,
  incomplete,
  message,
  rawEvent,
  startResponsesServer,
} from "@codex-ts/responses-server";
import type { Exchange, Step } from "@codex-ts/responses-server";
import {
  apiErrorOf,
  clientAt,
  noAuth,
  outcomeOf,
  providerAt,
  request,
  retries,
} from "./support/client.ts";
import { startRawServer } from "./support/raw-server.ts";

const ID = "req_known";

const partial = [created("resp_1"), message("part")];

/** Ways a stream breaks, one for every reason; `null`: none that has an answer with a request id. */
const BROKEN: Readonly<Record<StreamErrorReason, readonly Step[] | null>> = {
  closed_early: partial,
  not_understood: [bytes("data: hello\n\n")],
  idle_timeout: [...partial, hang()],
  invalid_utf8: [...partial, bytes(new Uint8Array([0x64, 0x3a, 0xff, 0xfe, 10, 10]))],
  connection_lost: [...partial, disconnect()],
  failed_without_detail: [...partial, rawEvent({ type: "response.failed", response: {} })],
  incomplete: [...partial, incomplete("max_output_tokens")],
  unparsable_completion: [...partial, rawEvent({ type: "response.completed", response: {} })],
  event_too_large: [...partial, message("x".repeat(9000))],
  // Over WebSocket, where a response has no headers.
  binary_message: null,
  connection_closed: null,
  // Of a unary call; below.
  unparsable_response: null,
};

const REASONS = Object.entries(BROKEN).flatMap(([reason, steps]) =>
  steps === null ? [] : [[reason as StreamErrorReason, steps] as const],
);

describe("[api/C13] every broken stream tells its consumer the id", () => {
  test.each(REASONS)("%s", async (reason, events) => {
    await using server = await startResponsesServer({ script: [{ requestId: ID, events }] });
    const provider = reason === "idle_timeout" ? { streamIdleTimeoutMs: 200 } : {};
    const client = clientAt(server.url, provider, { maxEventBytes: 8192 });
    const stream = await client.stream(request());
    expect(stream.upstreamRequestId).toBe(ID);
    const { error } = await outcomeOf(stream);
    expect(error).toMatchObject({ code: "stream", reason, upstreamRequestId: ID });
    // The response had named itself, except where nothing was understood.
    expect(error?.responseId).toBe(reason === "not_understood" ? undefined : "resp_1");
  });
});

const failing = (code: string): readonly Step[] => [
  created("resp_1"),
  failed({ code, message: "The server's reason." }),
];
const refusing = (status: number, error: object = {}): Exchange => ({
  status,
  requestId: ID,
  body: { error: { message: "The server's reason.", ...error } },
});

/** Failure codes by the error a response that fails with them ends in. */
const FAILURE_CODES: Readonly<Record<string, AnyApiError["code"]>> = {
  context_length_exceeded: "context_window_exceeded",
  insufficient_quota: "quota_exceeded",
  credit_balance_exhausted: "quota_exceeded",
  organization_spend_limit_exceeded: "quota_exceeded",
  project_spend_limit_exceeded: "quota_exceeded",
  usage_not_included: "usage_not_included",
  cyber_policy: "policy",
  bio_policy: "policy",
  misalignment_policy_violation: "policy",
  content_policy_violation: "policy",
  model_not_found: "final_response",
  access_program_not_enabled: "final_response",
  inference_hook_denied: "final_response",
  policy_capacity_unavailable: "final_response",
  budget_reached: "final_response",
  invalid_audio: "final_response",
  invalid_prompt: "invalid_request",
  server_is_overloaded: "server_overloaded",
  slow_down: "rate_limit",
  rate_limit_exceeded: "rate_limit",
  server_error: "retryable",
  something_else: "retryable",
};

describe("[api/C13] every failed response tells the id, and what the server said", () => {
  test.each(
    Object.entries(FAILURE_CODES).flatMap(([code, expected]) =>
      (["0.169", "0.140"] as const).map((policy) => [code, expected, policy] as const),
    ),
  )("%s is %s (%s)", async (code, expected, errorPolicy: ErrorPolicy) => {
    await using server = await startResponsesServer({
      script: [{ requestId: ID, events: failing(code) }],
    });
    const stream = await clientAt(server.url, {}, { errorPolicy }).stream(request());
    const { error } = await outcomeOf(stream);
    // 0.140 knows fewer codes.
    expect(errorPolicy === "0.140" ? expected : error?.code).toBe(expected);
    expect(error).toMatchObject({
      upstreamRequestId: ID,
      responseId: "resp_1",
      serverMessage: "The server's reason.",
    });
  });

  test.each([400, 401, 403, 404, 407, 408, 409, 413, 422, 429, 500, 502, 503])(
    "status %i",
    async (status) => {
      await using server = await startResponsesServer({ script: [refusing(status)] });
      const error = await apiErrorOf(clientAt(server.url, retries(0)).stream(request()));
      expect(error).toMatchObject({
        code: "http_status",
        status,
        upstreamRequestId: ID,
        serverMessage: "The server's reason.",
      });
    },
  );
});

const client: (url: string, provider?: Partial<ApiProvider>) => ClientOptions = (
  url,
  provider,
) => ({
  provider: providerAt(url, { ...retries(0), ...provider }),
  auth: noAuth,
});

const item = { type: "message", role: "user", content: [] } as const;

/** Unary endpoints by their name. */
const CALLS: Readonly<Record<string, (options: ClientOptions) => Promise<unknown>>> = {
  compact: (options) =>
    new CompactClient(options).compact(
      { model: "m", input: [item], tools: [], parallel_tool_calls: false },
      { timeoutMs: 400 },
    ),
  memories: (options) =>
    new MemoriesClient(options).summarize(
      { model: "m", traces: [{ id: "1", metadata: { source_path: "/p" }, items: [] }] },
      { timeoutMs: 400 },
    ),
  models: (options) => new ModelsClient(options).list("1", { timeoutMs: 400 }),
  search: (options) =>
    new SearchClient(options).search({ id: "1", model: "m" }, { timeoutMs: 400 }),
};

/** Answers with headers, a part of the body, and then nothing or the end of the connection. */
async function serveCut(after: "silence" | "reset") {
  return startRawServer((socket) => {
    socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\nx-request-id: ${ID}\r\ncontent-length: 100\r\n\r\n{"out`);
      if (after === "reset") setTimeout(() => socket.destroy(), 50);
    });
  });
}

describe("[api/C14] a unary call that had an answer never loses its id", () => {
  describe.each(Object.entries(CALLS))("%s", (_name, call) => {
    test("that takes too long", async () => {
      await using server = await serveCut("silence");
      const error = await apiErrorOf(call(client(server.url)));
      expect(error).toMatchObject({ code: "timeout", upstreamRequestId: ID });
    });

    test("that breaks", async () => {
      await using server = await serveCut("reset");
      const error = await apiErrorOf(call(client(server.url)));
      expect(error).toMatchObject({ code: "network", upstreamRequestId: ID });
    });

    test("of another shape", async () => {
      await using server = await startRawServer((socket) => {
        socket.once("data", () =>
          socket.end(`HTTP/1.1 200 OK\r\nx-request-id: ${ID}\r\nconnection: close\r\n\r\n{}`),
        );
      });
      const error = await apiErrorOf(call(client(server.url)));
      expect(error).toMatchObject({ reason: "unparsable_response", upstreamRequestId: ID });
    });

    test("that succeeds", async () => {
      const body = { output: [], models: [] };
      await using server = await startRawServer((socket) => {
        socket.once("data", () =>
          socket.end(
            `HTTP/1.1 200 OK\r\nx-request-id: ${ID}\r\nconnection: close\r\n\r\n${JSON.stringify(body)}`,
          ),
        );
      });
      expect(await call(client(server.url))).toMatchObject({ upstreamRequestId: ID });
    });
  });
});

test("[api/C15] a call that is aborted while an error page arrives has told its id by then", async () => {
  await using server = await startResponsesServer({
    script: [
      { status: 500, requestId: "req_first", body: null },
      { status: 500, requestId: ID, events: [bytes("<html>"), hang()] },
    ],
  });
  const controller = new AbortController();
  const told: (string | undefined)[] = [];
  const page = Promise.withResolvers<void>();
  const onUpstreamRequestId: StreamOptions["onUpstreamRequestId"] = (id) => {
    told.push(id);
    if (id === ID) page.resolve();
  };
  const opening = clientAt(server.url, retries(1)).stream(request(), {
    signal: controller.signal,
    onUpstreamRequestId,
  });
  await page.promise;
  controller.abort(new Error("stop"));
  await expect(opening).rejects.toThrow("stop");
  expect(told).toEqual([undefined, "req_first", undefined, ID]);
});

test("[api/C13] a whole response has its id as well", async () => {
  await using server = await startResponsesServer({
    script: [{ requestId: ID, events: [...partial, completed()] }],
  });
  const stream = await clientAt(server.url).stream(request());
  expect((await outcomeOf(stream)).error).toBeUndefined();
  expect(stream.upstreamRequestId).toBe(ID);
});
