import { describe, expect, test } from "vitest";
import type { AttemptEnded, ClientOptions } from "@codex-ts/api";
import {
  CompactClient,
  FilesClient,
  ImagesClient,
  MemoriesClient,
  ModelsClient,
  SearchClient,
} from "@codex-ts/api";
import type { JsonObject } from "@codex-ts/protocol";
import type { Exchange, ReceivedRequest } from "@codex-ts/responses-server";
import {
  compactExchange,
  errorExchange,
  gate,
  hang,
  modelsExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import { manualClock, waitFor } from "@codex-ts/test-support";
import { Agent } from "undici";
import { apiErrorOf, bearer, providerAt, retries } from "../support/client.ts";
import { holdTimers } from "../support/held-timers.ts";

function options(baseUrl: string, overrides: Partial<ClientOptions> = {}): ClientOptions {
  return {
    provider: providerAt(baseUrl),
    auth: bearer("sk-secret-value"),
    dispatcher: new Agent(),
    sleep: manualClock().sleep,
    clientHeaders: [["originator", "codex_ts"]],
    ...overrides,
  };
}

function answering(
  path: string,
  body: JsonObject | string,
  more: Partial<Exchange> = {},
): Exchange {
  return { path, body, ...more } as Exchange;
}

/** In the order they came, without those the HTTP library places. */
function namesOf(received: ReceivedRequest | undefined): string[] {
  const placed = new Set(["host", "connection", "content-length"]);
  return (received?.headers ?? []).map(([name]) => name).filter((name) => !placed.has(name));
}

describe("[api/J1] compact", () => {
  const item = { type: "message", role: "user", content: [] } as const;
  const short = {
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text: "short" }],
  };
  const request = {
    text: { verbosity: "low" },
    prompt_cache_key: "key",
    service_tier: "priority",
    reasoning: { effort: "low" },
    parallel_tool_calls: true,
    tools: [],
    instructions: "Compact.",
    input: [item],
    model: "gpt-test",
  } as const;

  test("makes no call for empty input", async () => {
    await using server = await startResponsesServer({ script: [] });
    const client = new CompactClient(options(server.url));
    expect(await client.compact({ ...request, input: [] })).toEqual({
      output: [],
      upstreamRequestId: undefined,
    });
    expect(server.requests).toHaveLength(0);
  });

  test("sends its members in order, and returns the items", async () => {
    await using server = await startResponsesServer({
      script: [answering("/responses/compact", { output: [short] })],
    });
    const client = new CompactClient(options(server.url));
    const headers = [["x-codex-installation-id", "i"]] as const;
    const { output } = await client.compact(request, { headers });
    expect(output).toEqual([short]);
    const [received] = server.requests;
    expect(Object.keys(received?.body as object)).toEqual(
      "model input instructions tools parallel_tool_calls reasoning service_tier prompt_cache_key text".split(
        " ",
      ),
    );
    expect(received?.header("accept")).toBe("*/*");
    expect(received?.header("x-codex-installation-id")).toBe("i");
    expect(received?.header("content-type")).toBe("application/json");
    expect(received?.header("originator")).toBe("codex_ts");
  });

  test("[api/K2] writes credentials after its own headers, and what describes content and client last", async () => {
    await using server = await startResponsesServer({ script: [compactExchange([])] });
    const auth: ClientOptions["auth"] = {
      addAuthHeaders: (headers) => {
        headers.set("authorization", "Bearer sk-secret-value");
        headers.set("chatgpt-account-id", "account");
      },
    };
    const clientHeaders = [
      ["originator", "codex_ts"],
      ["user-agent", "codex_ts/1"],
    ] as const;
    const headers = ["x-codex-installation-id", "session-id", "thread-id"].map(
      (name) => [name, "1"] as const,
    );
    const client = new CompactClient(options(server.url, { auth, clientHeaders }));
    await client.compact(request, { headers });
    const own = ["x-codex-installation-id", "session-id", "thread-id"];
    const credentials = ["authorization", "chatgpt-account-id"];
    const described = ["content-type", "accept", "originator", "user-agent"];
    expect(namesOf(server.requests[0])).toEqual([...own, ...credentials, ...described]);
  });

  test("leaves out what is unset", async () => {
    await using server = await startResponsesServer({ script: [compactExchange([])] });
    const minimal = {
      model: "m",
      input: [item],
      instructions: "",
      tools: [],
      parallel_tool_calls: false,
    };
    await new CompactClient(options(server.url)).compact(minimal);
    expect(Object.keys(server.requests[0]?.body as object)).toEqual(
      "model input tools parallel_tool_calls".split(" "),
    );
  });

  test("may take longer than the idle timeout", async () => {
    await using server = await startResponsesServer({
      script: [{ ...compactExchange([]), beforeStatus: [gate("answer")] }],
    });
    const provider = providerAt(server.url, { ...retries(0), streamIdleTimeoutMs: 300 });
    const client = new CompactClient(options(server.url, { provider }));
    using time = holdTimers();
    const compacting = client.compact(request);
    await server.waitForGate("answer");
    await time.advance(1199);
    server.release("answer");
    expect((await compacting).output).toEqual([]);
  });

  test("takes four times the idle timeout at most, answer included", async () => {
    await using server = await startResponsesServer({
      script: [{ path: "/responses/compact", deliver: "stream", events: [hang()] }],
    });
    const provider = providerAt(server.url, { ...retries(0), streamIdleTimeoutMs: 300 });
    let answered = 0;
    const observer = { onAttemptResponded: () => (answered += 1) };
    const client = new CompactClient(options(server.url, { provider, observer }));
    using time = holdTimers();
    const failing = apiErrorOf(client.compact(request));
    await waitFor(() => answered === 1);
    await time.advance(1200);
    expect(await failing).toMatchObject({ code: "timeout" });
  });

  test.each([["{}"], ["not json"], ['{"output":{}}'], ['{"output":[{"type":"message"}]}']])(
    "an answer of %s is a stream error",
    async (body) => {
      await using server = await startResponsesServer({
        script: [{ path: "/responses/compact", body, requestId: "req-1" }],
      });
      const error = await apiErrorOf(new CompactClient(options(server.url)).compact(request));
      expect(error).toMatchObject({
        code: "stream",
        reason: "unparsable_response",
        upstreamRequestId: "req-1",
      });
    },
  );
});

describe("[api/J2] memories", () => {
  const trace = { id: "t", metadata: { source_path: "/p" }, items: [{ a: 1 }] };

  test("makes no call for no traces", async () => {
    await using server = await startResponsesServer({ script: [] });
    const client = new MemoriesClient(options(server.url));
    expect(await client.summarize({ model: "m", traces: [] })).toEqual({
      summaries: [],
      upstreamRequestId: undefined,
    });
    expect(server.requests).toHaveLength(0);
  });

  test("accepts both names of the summary", async () => {
    await using server = await startResponsesServer({
      script: [
        answering("/memories/trace_summarize", {
          output: [
            { trace_summary: "a", memory_summary: "b" },
            { raw_memory: "c", memory_summary: "d" },
          ],
        }),
      ],
    });
    const client = new MemoriesClient(options(server.url));
    const request = { reasoning: { effort: "low" }, traces: [trace], model: "m" };
    expect((await client.summarize(request)).summaries).toEqual([
      { traceSummary: "a", memorySummary: "b" },
      { traceSummary: "c", memorySummary: "d" },
    ]);
    expect(server.requests[0]?.bodyText).toBe(
      '{"model":"m","traces":[{"id":"t","metadata":{"source_path":"/p"},"items":[{"a":1}]}],"reasoning":{"effort":"low"}}',
    );
  });

  test("an answer that lacks a summary is an error", async () => {
    await using server = await startResponsesServer({
      script: [answering("/memories/trace_summarize", { output: [{ memory_summary: "d" }] })],
    });
    const client = new MemoriesClient(options(server.url));
    const error = await apiErrorOf(client.summarize({ model: "m", traces: [trace] }));
    expect(error).toMatchObject({ reason: "unparsable_response" });
  });
});

describe("[api/J3] models", () => {
  test.each([
    [undefined, "/v1/models?client_version=0.140.0"],
    [{ "api-version": "1" }, "/v1/models?api-version=1&client_version=0.140.0"],
  ])("with the query %j asks %s", async (queryParams, path) => {
    await using server = await startResponsesServer({
      script: [modelsExchange([{ slug: "gpt-test" }], { etag: 'W/"1"' })],
    });
    const provider = providerAt(server.url, { queryParams });
    const client = new ModelsClient(options(server.url, { provider }));
    expect(await client.list("0.140.0")).toEqual({
      models: [{ slug: "gpt-test" }],
      etag: 'W/"1"',
      upstreamRequestId: expect.stringMatching(/^req_/),
    });
    expect(server.requests[0]).toMatchObject({ method: "GET", path });
  });

  test("[api/K2] are asked for with credentials first, and without a content type", async () => {
    await using server = await startResponsesServer({ script: [modelsExchange([])] });
    await new ModelsClient(options(server.url)).list("1");
    expect(namesOf(server.requests[0])).toEqual(["authorization", "accept", "originator"]);
  });

  test("are retried like any request, and have no etag when the server gives none", async () => {
    await using server = await startResponsesServer({
      script: [{ ...errorExchange(503), method: "GET", path: "/models" }, modelsExchange([])],
    });
    const client = new ModelsClient(options(server.url));
    expect(await client.list("1")).toEqual({
      models: [],
      etag: undefined,
      upstreamRequestId: expect.stringMatching(/^req_/),
    });
    expect(server.requests).toHaveLength(2);
  });

  test("[api/models-standard] the standard list is read too, as our server gives it", async () => {
    await using server = await startResponsesServer({ script: [], models: ["gpt-a", "gpt-b"] });
    const answer = await new ModelsClient(options(server.url)).list("1");
    expect(answer.models).toMatchObject([
      { id: "gpt-a", object: "model" },
      { id: "gpt-b", object: "model" },
    ]);
    expect(server.unexpectedRequests).toEqual([]);
  });

  test("[api/models-standard] an answer in both forms is read in Codex's", async () => {
    const body = { object: "list", data: [{ id: "gpt-a" }], models: [{ slug: "gpt-a" }] };
    await using server = await startResponsesServer({
      script: [{ method: "GET", path: "/models", body }],
    });
    const answer = await new ModelsClient(options(server.url)).list("1");
    expect(answer).toMatchObject({ models: [{ slug: "gpt-a" }], etag: undefined });
  });

  test.each([
    "<html>captive portal</html>",
    '{"data":[]}',
    '{"object":"model","data":[]}',
    '{"object":"list","data":{}}',
    "[]",
  ])("an answer of %s is shown in the error", async (body) => {
    await using server = await startResponsesServer({
      script: [{ method: "GET", path: "/models", body }],
    });
    const error = await apiErrorOf(new ModelsClient(options(server.url)).list("1"));
    expect(error).toMatchObject({ code: "stream", reason: "unparsable_response" });
    expect(error.message).toContain(body);
  });
});

test("search sends its members in order and returns the output", async () => {
  await using server = await startResponsesServer({
    script: [answering("/alpha/search", { output: ["x"], encrypted_output: "e" })],
  });
  const client = new SearchClient(options(server.url));
  const answer = await client.search({ input: "q", model: "m", id: "s", max_output_tokens: 5 });
  expect(answer).toEqual({
    output: ["x"],
    encryptedOutput: "e",
    upstreamRequestId: expect.stringMatching(/^req_/),
  });
  expect(server.requests[0]?.bodyText).toBe(
    '{"id":"s","model":"m","input":"q","max_output_tokens":5}',
  );
});

describe("images", () => {
  const answer = { created: 5, data: [{ b64_json: "AAAA" }], size: "1x1", future: 1 };

  test("are generated and edited", async () => {
    await using server = await startResponsesServer({
      script: [answering("/images/generations", answer), answering("/images/edits", answer)],
    });
    const client = new ImagesClient(options(server.url));
    const expected = {
      upstreamRequestId: expect.stringMatching(/^req_/),
      created: 5,
      images: ["AAAA"],
      background: undefined,
      quality: undefined,
      size: "1x1",
    };
    expect(await client.generate({ prompt: "a cat", n: 1 })).toEqual(expected);
    const images = [{ image_url: "data:image/png;base64,AA" }];
    expect(await client.edit({ prompt: "a hat", images })).toEqual(expected);
    expect(server.requests.map((received) => received.bodyText)).toEqual([
      '{"prompt":"a cat","n":1}',
      '{"images":[{"image_url":"data:image/png;base64,AA"}],"prompt":"a hat"}',
    ]);
  });

  test.each([{}, { created: 1, data: [{}] }])("an answer of %j is an error", async (body) => {
    await using server = await startResponsesServer({
      script: [answering("/images/generations", body)],
    });
    const error = await apiErrorOf(new ImagesClient(options(server.url)).generate({ prompt: "x" }));
    expect(error).toMatchObject({ reason: "unparsable_response" });
  });
});

function uploadScript(origin: string, statuses: readonly JsonObject[]): Exchange[] {
  return [
    answering("/files", { file_id: "file/1", upload_url: `${origin}/blob?sig=s%2Fecret&x=1` }),
    answering("/blob", "", { method: "PUT" }),
    ...statuses.map((status) => answering("/files/file%2F1/uploaded", status)),
  ];
}

describe("files", () => {
  const bytes = new TextEncoder().encode("content");

  test("are announced, put, and waited for; the storage gets no credential", async () => {
    await using server = await startResponsesServer({ script: [] });
    server.enqueue(
      ...uploadScript(server.origin, [
        { status: "retry" },
        { status: "success", download_url: "https://d", mime_type: "text/plain" },
      ]),
    );
    const clock = manualClock();
    const provider = providerAt(server.url, { headers: [["x-env", "secret"]] });
    const client = new FilesClient(options(server.url, { sleep: clock.sleep, provider }));
    expect(await client.upload({ name: "a.txt", bytes })).toEqual({
      upstreamRequestId: expect.stringMatching(/^req_/),
      fileId: "file/1",
      uri: "sediment://file/1",
      downloadUrl: "https://d",
      fileName: "a.txt",
      sizeBytes: 7,
      mimeType: "text/plain",
    });
    expect(clock.sleepsMs).toEqual([250]);
    const [announced, put] = server.requests;
    expect(announced?.body).toEqual({ file_name: "a.txt", file_size: 7, use_case: "codex" });
    expect(put).toMatchObject({
      method: "PUT",
      path: "/blob?sig=s%2Fecret&x=1",
      bodyText: "content",
    });
    expect(put?.header("x-ms-blob-type")).toBe("BlockBlob");
    expect(put?.header("authorization")).toBeUndefined();
    expect(put?.header("x-env")).toBeUndefined();
    expect(put?.header("content-type")).toBeUndefined();
  });

  test("that the server does not finish are a timeout after 30 s", async () => {
    await using server = await startResponsesServer({ script: [] });
    server.enqueue(
      ...uploadScript(server.origin, []),
      answering("/files/file%2F1/uploaded", { status: "retry" }, { repeat: Infinity }),
    );
    const clock = manualClock();
    const client = new FilesClient(options(server.url, { sleep: clock.sleep, now: clock.now }));
    expect(await apiErrorOf(client.upload({ name: "a", bytes }))).toMatchObject({
      code: "timeout",
    });
    expect(clock.sleepsMs.reduce((sum, ms) => sum + ms, 0)).toBe(30_000);
  });

  test("that are waited for can be aborted, with the reason of the signal", async () => {
    await using server = await startResponsesServer({ script: [] });
    server.enqueue(
      ...uploadScript(server.origin, []),
      answering("/files/file%2F1/uploaded", { status: "retry" }, { repeat: Infinity }),
    );
    const controller = new AbortController();
    const reason = new Error("stop");
    const observer = {
      onAttemptEnded: ({ endpoint }: AttemptEnded) => {
        // The wait begins when the answer has been read.
        if (endpoint === "files/uploaded") setImmediate(() => controller.abort(reason));
      },
    };
    const uploading = new FilesClient(options(server.url)).upload(
      { name: "a", bytes },
      { signal: controller.signal, observer },
    );
    await expect(uploading).rejects.toBe(reason);
  });

  test("that the server refuses are an error that says why", async () => {
    await using server = await startResponsesServer({ script: [] });
    server.enqueue(...uploadScript(server.origin, [{ status: "error", error_message: "a virus" }]));
    const error = await apiErrorOf(
      new FilesClient(options(server.url)).upload({ name: "a", bytes }),
    );
    expect(error.message).toContain("a virus");
  });

  test("that are too large are refused before anything is sent", async () => {
    await using server = await startResponsesServer({ script: [] });
    const large = { length: 512 * 1024 * 1024 + 1 } as Uint8Array;
    const error = await apiErrorOf(
      new FilesClient(options(server.url)).upload({ name: "a", bytes: large }),
    );
    expect(error).toMatchObject({ code: "request_build" });
    expect(server.requests).toHaveLength(0);
  });
});
