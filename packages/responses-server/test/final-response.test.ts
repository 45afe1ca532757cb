import {
  bytes,
  comment,
  completed,
  created,
  disconnect,
  end,
  failed,
  failedExchange,
  functionCall,
  gate,
  incomplete,
  itemDone,
  message,
  messageExchange,
  ping,
  rawEvent,
  reset,
  startResponsesServer,
  streamedMessage,
  streamExchange,
  wireBytes,
  wrappedError,
} from "@codex-ts/responses-server";
import type { Step, StreamReply } from "@codex-ts/responses-server";
import { request } from "undici";
import { expect, test } from "vitest";
import { post, postForEvents } from "./support/post.ts";

const PLAIN = { body: { model: "gpt-test", input: "hi" } };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a client that asks for no stream receives for these steps. */
async function answerTo(
  events: readonly (Step | readonly Step[])[],
  reply: Omit<StreamReply, "events"> = {},
): Promise<Answer> {
  await using server = await startResponsesServer({ script: [{ events, ...reply }] });
  const { statusCode, headers, body } = await post(server, PLAIN);
  return { status: statusCode, headers, body: (await body.json()) as Answer["body"] };
}

test("[responses-server/final-response] a request without `stream: true` gets the response that ends the stream", async () => {
  const exchange = streamExchange(
    [streamedMessage(["It says ", "hello."]), functionCall("f", { a: 1 }, "call_1"), comment("x")],
    { requestId: "req_1", headers: { "x-own": "1" }, repeat: 2 },
  );
  await using server = await startResponsesServer({ script: [exchange] });
  const plain = await post(server, PLAIN);
  expect(plain.statusCode).toBe(200);
  expect(plain.headers).toMatchObject({
    "content-type": "application/json",
    "x-request-id": "req_1",
    "openai-model": "gpt-test",
    "x-own": "1",
  });
  const text = await plain.body.text();
  expect(plain.headers["content-length"]).toBe(String(Buffer.byteLength(text)));
  const last = (await postForEvents(server, PLAIN)).at(-1);
  expect(last?.["type"]).toBe("response.completed");
  // The second answer of the server has other default ids; all else is the same.
  expect(JSON.parse(text.replaceAll("_1_1", "_2_1").replace("resp_1", "resp_2"))).toEqual(
    last?.["response"],
  );
  expect(JSON.parse(text)).toMatchObject({
    id: "resp_1",
    object: "response",
    status: "completed",
    model: "gpt-test",
    output: [
      { id: "msg_1_1", content: [{ type: "output_text", text: "It says hello." }] },
      { type: "function_call", call_id: "call_1", arguments: '{"a":1}' },
    ],
    usage: { total_tokens: 15 },
  });
  expect(server.exchanges[0]).toMatchObject({ state: "ended", status: 200, eventsSent: 0 });
  expect(server.unexpectedRequests).toEqual([]);
});

test.each([
  ["no stream member", "{}", "application/json"],
  ["stream: false", '{"stream":false}', "application/json"],
  ["a stream member that is no boolean", '{"stream":"true"}', "application/json"],
  ["a body that is no JSON", "stream", "application/json"],
  ["stream: true", '{"stream":true}', "text/event-stream"],
])("a request with %s decides how it is answered", async (_, body, contentType) => {
  await using server = await startResponsesServer({ script: [messageExchange("x")] });
  const response = await post(server, { body });
  expect(response.headers["content-type"]).toBe(contentType);
  await response.body.dump();
});

test("a stored response is read as JSON, or as a stream when the query says so", async () => {
  const stored = messageExchange("x", { method: "GET", path: "/responses/resp_1", repeat: 2 });
  await using server = await startResponsesServer({ script: [stored] });
  for (const [query, contentType] of [
    ["?stream=true", "text/event-stream"],
    ["", "application/json"],
  ] as const) {
    const response = await request(`${server.url}/responses/resp_1${query}`);
    expect(response.headers["content-type"]).toBe(contentType);
    await response.body.dump();
  }
});

test("a script can answer with the other form than the one asked for", async () => {
  await using server = await startResponsesServer({
    script: [
      { ...messageExchange("x"), deliver: "stream" },
      { ...messageExchange("x"), deliver: "json" },
    ],
  });
  const stream = await post(server, PLAIN);
  expect(stream.headers["content-type"]).toBe("text/event-stream");
  expect(await stream.body.text()).toContain("event: response.completed\n");
  const json = await post(server);
  expect(json.headers["content-type"]).toBe("application/json");
  expect(await json.body.json()).toMatchObject({ status: "completed" });
});

test.each<[string, Step, object]>([
  [
    "failed",
    failed({ code: "server_error", message: "broken" }),
    { status: "failed", error: { code: "server_error", message: "broken" }, usage: null },
  ],
  [
    "incomplete",
    incomplete("max_output_tokens"),
    { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
  ],
])("a response can end %s", async (_, last, expected) => {
  const { status, body } = await answerTo([created(), message("part"), last, message("late")]);
  expect(status).toBe(200);
  expect(body).toMatchObject({ id: "resp_1", output: [{ id: "msg_1_1" }], ...expected });
});

test("failedExchange answers both kinds of request", async () => {
  await using server = await startResponsesServer({
    script: [failedExchange({ code: "server_error", message: "broken", repeat: 2 })],
  });
  const plain = await post(server, PLAIN);
  expect(await plain.body.json()).toMatchObject({ status: "failed", output: [] });
  expect((await postForEvents(server)).at(-1)).toMatchObject({ type: "response.failed" });
});

test("recorded events that say little make a whole response", async () => {
  const item = { type: "message", role: "assistant", content: [] };
  const { body } = await answerTo([
    rawEvent({ type: "response.created", response: { id: "resp_r", model: "gpt-r", output: [] } }),
    rawEvent({ type: "response.output_item.done", item }),
    rawEvent({ type: "codex.rate_limits", plan_type: "plus" }),
    rawEvent({ no: "type" }),
    rawEvent({ type: "response.completed", response: { id: "resp_r" } }),
  ]);
  expect(body).toEqual({
    object: "response",
    id: "resp_r",
    model: "gpt-r",
    status: "completed",
    output: [item],
  });
});

test("an output that the final event names is the output", async () => {
  const { body } = await answerTo([created(), message("streamed"), completed({ output: [] })]);
  expect(body["output"]).toEqual([]);
});

test.each<[string, Step, number, object]>([
  [
    "with a status of its own",
    wrappedError({ status: 429, code: "slow", message: "later", headers: { "retry-after": "7" } }),
    429,
    { code: "slow", message: "later" },
  ],
  [
    "in the bare form",
    rawEvent({ type: "error", code: "c", message: "m", param: null, sequence_number: 3 }),
    500,
    { type: "server_error", code: "c", message: "m", param: null },
  ],
])("an error event %s becomes the answer", async (_, event, status, error) => {
  const answer = await answerTo([created(), event], { headers: { "x-own": "1" } });
  expect(answer).toMatchObject({ status, headers: { "x-own": "1" }, body: { error } });
  expect(answer.headers["retry-after"]).toBe(status === 429 ? "7" : undefined);
  expect(answer.headers["openai-model"]).toBeUndefined();
});

test("pauses hold the whole answer back", async () => {
  await using server = await startResponsesServer({
    script: [streamExchange([message("x"), gate("held")])],
  });
  const answer = post(server, PLAIN);
  await server.waitForGate("held");
  expect(server.exchanges[0]).toMatchObject({ state: "playing", status: undefined });
  server.release("held");
  expect((await answer).statusCode).toBe(200);
  await (await answer).body.dump();
});

test.each([
  ["reset", reset(), "ECONNRESET"],
  ["disconnected", disconnect(), "UND_ERR_SOCKET"],
] as const)("a %s connection has no answer at all", async (state, step, code) => {
  await using server = await startResponsesServer({ script: [streamExchange([step])] });
  await expect(post(server, PLAIN)).rejects.toMatchObject({ code });
  await server.waitFor(() => server.exchanges[0]?.state === state);
});

test.each<[string, readonly Step[]]>([
  ["the script ends without response.completed", [created(), message("x")]],
  ["the script ends without response.completed", [created(), end(), completed()]],
  ['the step "bytes" is not possible over http in a JSON reply', [bytes("x"), completed()]],
  ['the step "wire-bytes" is not possible', [wireBytes("x"), completed()]],
  ['the step "ping" is not possible', [ping(), completed()]],
  [
    'the step "close" is not possible',
    [{ step: "close", code: undefined, reason: "" }, completed()],
  ],
])("what has no JSON form is a visible failure: %s", async (reason, events) => {
  await using server = await startResponsesServer({ script: [{ events }] });
  const response = await post(server, PLAIN);
  expect(response.statusCode).toBe(500);
  expect(await response.body.json()).toMatchObject({
    error: { code: "script_failed", message: expect.stringContaining(reason) as string },
  });
  expect(server.unexpectedRequests[0]?.reason).toContain(reason);
  expect(server.exchanges[0]?.state).toBe("failed");
});

test("items that were only announced are no output", async () => {
  const { body } = await answerTo([
    ...streamedMessage("never done").slice(0, -1),
    itemDone({ type: "compaction", encrypted_content: "x" }),
    completed(),
  ]);
  expect(body["output"]).toEqual([
    { id: expect.stringMatching(/_1_1$/) as string, type: "compaction", encrypted_content: "x" },
  ]);
});
