import {
  completed,
  created,
  errorExchange,
  messageExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import type { Exchange, ResponsesServerOptions } from "@codex-ts/responses-server";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { post, postForEvents } from "./support/post.ts";
import { openWsClient, refusedUpgrade } from "./support/ws-client.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The headers of the answers to as many requests as the script has exchanges. */
async function headersFor(script: readonly Exchange[], model = "gpt-test"): Promise<Headers[]> {
  await using server = await startResponsesServer({ script });
  const all: Headers[] = [];
  for (const _ of script) {
    const response = await post(server, { body: { model, stream: true } });
    all.push(response.headers);
    await response.body.dump();
  }
  return all;
}

test("[responses-server/default-ids] every HTTP answer has a request id of its own, the same in every run", async () => {
  const script = [messageExchange("a"), errorExchange(500), { body: "x" }];
  const ids = (await headersFor(script)).map((headers) => headers["x-request-id"]);
  expect(ids).toEqual([
    "req_00000000000000000000000000000001",
    "req_00000000000000000000000000000002",
    "req_00000000000000000000000000000003",
  ]);
  expect((await headersFor(script)).map((headers) => headers["x-request-id"])).toEqual(ids);
});

test("[responses-server/default-ids] a script sets the request id, or leaves it out", async () => {
  const ids = (
    await headersFor([
      messageExchange("a", { requestId: "req_own" }),
      messageExchange("a", { requestId: null }),
      errorExchange(500, { requestId: null }),
      { body: null, requestId: null },
      { body: null, headers: { "X-Request-Id": "req_header" } },
      { body: null, headers: { "x-request-id": "" } },
    ])
  ).map((headers) => headers["x-request-id"]);
  expect(ids).toEqual(["req_own", undefined, undefined, undefined, "req_header", ""]);
});

test("[responses-server/default-ids] handshakes have ids that no request has", async () => {
  await using server = await startResponsesServer({
    script: [],
    handshakes: [
      {},
      { requestId: null },
      { requestId: "req_own" },
      { headers: { "X-Request-ID": "req_header" } },
      { status: 426 },
    ],
  });
  const ids: unknown[] = [];
  for (let count = 1; count <= 4; count += 1) {
    const client = await openWsClient(server);
    ids.push(client.handshakeHeaders["x-request-id"]);
    client.socket.terminate();
  }
  ids.push((await refusedUpgrade(server)).headers["x-request-id"]);
  expect(ids).toEqual([
    "req_c0000000000000000000000000000001",
    undefined,
    "req_own",
    "req_header",
    "req_c0000000000000000000000000000005",
  ]);
});

test("an answer inside a WebSocket connection tells only the id that the script gives", async () => {
  await using server = await startResponsesServer({ script: [errorExchange(500)] });
  const client = await openWsClient(server);
  client.send({ type: "response.create", model: "m" });
  expect(JSON.parse((await client.untilTexts(1))[0] ?? "")).toMatchObject({ headers: {} });
  client.socket.terminate();
});

test("[responses-server/default-model] a response names the model that was asked for, unless the script names one", async () => {
  const headers = await headersFor([
    messageExchange("a"),
    messageExchange("a", { model: "gpt-served" }),
    messageExchange("a", { model: "gpt-served", openaiModel: null }),
    messageExchange("a", { openaiModel: "gpt-other" }),
    messageExchange("a", { headers: { "OpenAI-Model": "gpt-header" } }),
    errorExchange(500),
    { events: [], status: 500 },
  ]);
  expect(headers.map((answer) => answer["openai-model"])).toEqual([
    "gpt-test",
    "gpt-served",
    undefined,
    "gpt-other",
    "gpt-header",
    undefined,
    undefined,
  ]);
  await using server = await startResponsesServer({
    script: [
      { events: [created(), completed()], repeat: 2 },
      messageExchange("a", { model: "gpt-served" }),
    ],
  });
  const bodies = [{ model: "gpt-test" }, {}, { model: "gpt-test" }];
  const models: unknown[] = [];
  for (const body of bodies) {
    const events = await postForEvents(server, { body });
    const lifecycle = [events[0], events.at(-1)].map((event) => event?.["response"]);
    models.push(lifecycle.map((response) => (response as { model: string }).model));
  }
  expect(models).toEqual([
    ["gpt-test", "gpt-test"],
    ["scripted-model", "scripted-model"],
    ["gpt-served", "gpt-served"],
  ]);
});

test("a model name that no header can carry is left out", async () => {
  for (const model of ["žluť", "two words", "line\nfeed", ""]) {
    expect((await headersFor([messageExchange("a")], model))[0]?.["openai-model"]).toBeUndefined();
  }
});

test.each([
  [400, "invalid_request_error"],
  [401, "invalid_request_error"],
  [404, "invalid_request_error"],
  [429, "requests"],
  [500, "server_error"],
  [503, "server_error"],
])(
  "[responses-server/default-error-type] an error of status %i has the type %s",
  async (status, type) => {
    await using server = await startResponsesServer({
      script: [
        errorExchange(status),
        errorExchange(status, { type: "own" }),
        errorExchange(status, { type: null }),
      ],
    });
    const types: unknown[] = [];
    for (let count = 1; count <= 3; count += 1) {
      const { body } = await post(server);
      types.push(((await body.json()) as { error: { type: unknown } }).error.type);
    }
    expect(types).toEqual([type, "own", null]);
  },
);

test.each<[Partial<ResponsesServerOptions>, string[]]>([
  [{}, ["scripted-model"]],
  [{ models: ["gpt-a", "gpt-b"], basePath: "/proxy/v1" }, ["gpt-a", "gpt-b"]],
])("[responses-server/models] the official client lists the models of %j", async (options, ids) => {
  await using server = await startResponsesServer({ script: [], ...options });
  const client = new OpenAI({ baseURL: server.url, apiKey: "any", maxRetries: 0 });
  const page = await client.models.list();
  expect(page.object).toBe("list");
  expect(page.data).toEqual(
    ids.map((id) => ({
      id,
      object: "model",
      created: 1_700_000_000,
      owned_by: "responses-server",
    })),
  );
  expect(server.requests).toHaveLength(1);
  expect(server.unexpectedRequests).toEqual([]);
});

test("[responses-server/models] a script comes before the list", async () => {
  await using server = await startResponsesServer({
    script: [errorExchange(403, { method: "GET", path: "/models" })],
  });
  const client = new OpenAI({ baseURL: server.url, apiKey: "any", maxRetries: 0 });
  await expect(client.models.list()).rejects.toMatchObject({ status: 403 });
  expect((await client.models.list()).data).toHaveLength(1);
});
