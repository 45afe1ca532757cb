import {
  compactExchange,
  errorExchange,
  failedExchange,
  functionCallExchange,
  message,
  messageExchange,
  modelsExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import type { ReceivedRequest, Step } from "@codex-ts/responses-server";
import { request } from "undici";
import { expect, test } from "vitest";
import { post, postForEvents } from "./support/post.ts";

function isAbout(topic: string): (received: ReceivedRequest) => boolean {
  return (received) => received.bodyText.includes(topic);
}

function broken(): never {
  throw new Error("my selector is broken");
}

function* failing(): Generator<Step> {
  yield message("x");
  throw new Error("my script is broken");
}

test("answers in script order, each exchange once", async () => {
  await using server = await startResponsesServer({
    script: [
      messageExchange("one", { requestId: "req_a", responseId: "resp_a" }),
      messageExchange("two", { requestId: "req_b", responseId: "resp_b" }),
    ],
  });
  for (const [requestId, responseId] of [
    ["req_a", "resp_a"],
    ["req_b", "resp_b"],
  ]) {
    const response = await post(server);
    expect(response.headers["x-request-id"]).toBe(requestId);
    expect(response.headers["content-type"]).toBe("text/event-stream");
    expect(await response.body.text()).toContain(`"id":"${responseId}"`);
  }
  expect(server.unusedExchanges).toEqual([]);
});

test("a selector chooses by request, whatever the order of the script", async () => {
  await using server = await startResponsesServer({
    script: [
      messageExchange("cats", { when: isAbout("cat") }),
      messageExchange("dogs", { when: isAbout("dog") }),
    ],
  });
  const dogs = await postForEvents(server, { body: { input: "a dog" } });
  const cats = await postForEvents(server, { body: { input: "a cat" } });
  expect(JSON.stringify(dogs)).toContain("dogs");
  expect(JSON.stringify(cats)).toContain("cats");
});

test("an exchange repeats as often as it says", async () => {
  await using server = await startResponsesServer({
    script: [errorExchange(503, { repeat: 2 }), messageExchange("hi", { repeat: Infinity })],
  });
  const statuses: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    const response = await post(server);
    statuses.push(response.statusCode);
    await response.body.dump();
  }
  expect(statuses).toEqual([503, 503, 200, 200, 200]);
});

test("answers other methods and paths, below the base path or absolute, whatever the query", async () => {
  await using server = await startResponsesServer({
    script: [
      modelsExchange([{ slug: "m" }], { etag: '"e1"' }),
      compactExchange([{ type: "compaction", encrypted_content: "x" }], { requestId: "req_c" }),
      { path: "/memories/trace_summarize", body: { output: [] } },
      { path: "/oauth/token", body: { access_token: "t" } },
      { method: "PUT", path: "/upload/1", body: null, status: 201 },
    ],
  });
  const models = await request(`${server.url}/models?client_version=1.2.3`);
  expect(models.headers["etag"]).toBe('"e1"');
  expect(await models.body.json()).toEqual({ models: [{ slug: "m" }] });
  const compact = await post(server, { path: "/responses/compact" });
  expect(compact.headers["x-request-id"]).toBe("req_c");
  expect(await compact.body.json()).toEqual({
    output: [{ type: "compaction", encrypted_content: "x" }],
  });
  const memories = await post(server, { path: "/memories/trace_summarize" });
  expect(await memories.body.json()).toEqual({ output: [] });
  const token = await request(`${server.origin}/oauth/token`, { method: "POST", body: "a=b" });
  expect(await token.body.json()).toEqual({ access_token: "t" });
  const upload = await request(`${server.origin}/upload/1`, { method: "PUT", body: "bytes" });
  expect(upload.statusCode).toBe(201);
  expect(await upload.body.text()).toBe("");
  expect(server.unexpectedRequests).toEqual([]);
});

test("a reply can be computed from the request", async () => {
  await using server = await startResponsesServer({
    script: [
      {
        respond: async (received) => {
          await Promise.resolve();
          return { status: 202, body: { echoed: received.body ?? null } };
        },
      },
    ],
  });
  const response = await post(server, { body: { model: "echo" } });
  expect(response.statusCode).toBe(202);
  expect(await response.body.json()).toEqual({ echoed: { model: "echo" } });
});

test("exchanges can be added while the server runs", async () => {
  await using server = await startResponsesServer({ script: [] });
  server.enqueue(messageExchange("late"));
  expect(server.unusedExchanges).toHaveLength(1);
  expect(JSON.stringify(await postForEvents(server))).toContain("late");
});

test("a selector or reply that throws is a visible failure, never a hang", async () => {
  await using server = await startResponsesServer({ script: [{ when: broken, events: [] }] });
  const response = await post(server);
  expect(response.statusCode).toBe(500);
  expect(await response.body.text()).toContain("my selector is broken");
  expect(server.exchanges[0]?.state).toBe("failed");
  expect(server.unexpectedRequests[0]?.reason).toContain("my selector is broken");
});

test("a status that HTTP does not have is a visible failure", async () => {
  await using server = await startResponsesServer({ script: [{ status: 42, body: null }] });
  const response = await post(server);
  expect(response.statusCode).toBe(500);
  expect(await response.body.text()).toContain("script_failed");
  expect(server.exchanges[0]).toMatchObject({ state: "failed", status: 500 });
});

test("a lazy script that throws breaks the stream and is recorded", async () => {
  await using server = await startResponsesServer({ script: [{ events: failing() }] });
  const response = await post(server);
  await expect(response.body.text()).rejects.toMatchObject({ name: "HTTPParserError" });
  await server.waitFor(() => server.exchanges[0]?.state === "failed");
  expect(server.unexpectedRequests[0]?.reason).toContain("my script is broken");
});

test("closing does not wait for a reply that never comes", async () => {
  const server = await startResponsesServer({
    script: [{ respond: () => new Promise(() => {}), repeat: 2 }],
  });
  const answers = [post(server), post(server)].map((answer) =>
    answer.catch((error: unknown) => error),
  );
  await server.waitForRequest(2);
  await server.close();
  expect(await Promise.all(answers)).toEqual([expect.any(Error), expect.any(Error)]);
  expect(server.exchanges.map(({ state }) => state)).toEqual(["server-closed", "server-closed"]);
});

test("a step that HTTP does not have breaks the connection and is recorded", async () => {
  await using server = await startResponsesServer({
    script: [{ events: [message("x"), { step: "ping", payload: "" }] }],
  });
  const response = await post(server);
  await expect(response.body.text()).rejects.toMatchObject({ name: "HTTPParserError" });
  await server.waitFor(() => server.exchanges[0]?.state === "failed");
  expect(server.unexpectedRequests[0]?.reason).toContain('"ping" is not possible over http');
});

test("short forms make whole responses", async () => {
  await using server = await startResponsesServer({
    script: [
      functionCallExchange({ name: "f", args: { a: 1 }, callId: "call_1" }, { usage: null }),
      failedExchange({ code: "server_error", message: "no", responseId: "resp_f" }),
    ],
  });
  const [call, failure] = [await postForEvents(server), await postForEvents(server)];
  expect(call.map((event) => event["type"])).toEqual([
    "response.created",
    "response.output_item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "response.completed",
  ]);
  expect(call.at(-1)).toMatchObject({ response: { usage: null } });
  expect(failure.at(-1)).toMatchObject({
    type: "response.failed",
    response: { id: "resp_f", status: "failed", error: { code: "server_error", message: "no" } },
  });
});

test("answers concurrent requests independently", async () => {
  await using server = await startResponsesServer({
    script: Array.from({ length: 8 }, (_, index) => ({
      when: ({ bodyText }: ReceivedRequest) => bodyText.startsWith(`{"n":${index},`),
      events: [{ step: "gate" as const, name: `gate ${index}` }, message(`answer ${index}`)],
    })),
  });
  const indexes = Array.from({ length: 8 }, (_, index) => index);
  const answers = indexes.map((index) => postForEvents(server, { body: { n: index } }));
  await Promise.all(indexes.map((index) => server.waitForGate(`gate ${index}`)));
  // Released in the opposite order, so that no answer can depend on an earlier one.
  for (const index of indexes.toReversed()) {
    server.release(`gate ${index}`);
    expect(JSON.stringify(await answers[index])).toContain(`answer ${index}`);
  }
});
