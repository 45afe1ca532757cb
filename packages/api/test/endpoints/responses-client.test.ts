import { zstdDecompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { AuthProvider } from "@codex-ts/api";
import { AuthError, HeaderBag } from "@codex-ts/api";
import type { ResponsesRequest } from "@codex-ts/protocol";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { errorExchange, messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { apiErrorOf, bearer, clientAt, outcomeOf, request, retries } from "../support/client.ts";
import { webSocketClientAt } from "../support/websocket.ts";

async function startAnswering(): Promise<ResponsesServer> {
  return startResponsesServer({ script: [{ ...messageExchange("hi"), repeat: Infinity }] });
}

/** Names in wire order, without those of the HTTP library. */
function headerNames(server: ResponsesServer): string[] {
  const ofLibrary = new Set(["host", "connection", "content-length"]);
  return (server.requests[0]?.headers ?? [])
    .map(([name]) => name)
    .filter((name) => !ofLibrary.has(name));
}

describe("headers", () => {
  test("stand in the order of the reference client, all names in lower case", async () => {
    await using server = await startAnswering();
    const client = clientAt(
      server.url,
      { headers: [["Version", "1.2.3"]] },
      {
        auth: {
          addAuthHeaders(headers) {
            headers.set("Authorization", "Bearer t");
            headers.set("ChatGPT-Account-ID", "acct");
          },
        },
        clientHeaders: [
          ["originator", "codex_ts"],
          ["user-agent", "codex_ts/1"],
        ],
      },
    );
    const headers = [
      ["x-codex-window-id", "w:0"],
      ["x-client-request-id", "t"],
      ["session-id", "s"],
      ["thread-id", "t"],
    ] as const;
    await outcomeOf(await client.stream(request(), { headers, compression: "zstd" }));
    expect(headerNames(server)).toEqual([
      "version",
      "x-codex-window-id",
      "x-client-request-id",
      "session-id",
      "thread-id",
      "accept",
      "authorization",
      "chatgpt-account-id",
      "content-encoding",
      "content-type",
      "originator",
      "user-agent",
    ]);
    expect(server.requests[0]?.header("accept")).toBe("text/event-stream");
    expect(server.requests[0]?.header("content-type")).toBe("application/json");
  });

  test("[api/A5] a provider's originator and user agent win over the client's", async () => {
    await using server = await startAnswering();
    const client = clientAt(
      server.url,
      {
        headers: [
          ["Originator", "mine"],
          ["User-Agent", "mine/1"],
        ],
      },
      {
        clientHeaders: [
          ["originator", "codex_ts"],
          ["user-agent", "codex_ts/1"],
        ],
      },
    );
    await outcomeOf(await client.stream(request()));
    const { headers = [] } = server.requests[0] ?? {};
    const named = headers.filter(([name]) => name === "originator" || name === "user-agent");
    expect(named).toEqual([
      ["originator", "mine"],
      ["user-agent", "mine/1"],
    ]);
  });

  test("[api/A6] an extra header replaces the provider's of the same name", async () => {
    await using server = await startAnswering();
    const client = clientAt(server.url, { headers: [["X-Feature", "provider"]] });
    await outcomeOf(await client.stream(request(), { headers: [["x-feature", "extra"]] }));
    expect(server.requests[0]?.headers.filter(([name]) => name === "x-feature")).toEqual([
      ["x-feature", "extra"],
    ]);
  });

  test("[api/A7] identity headers are there exactly when the caller gives them", async () => {
    await using server = await startAnswering();
    const client = clientAt(server.url);
    const identity = [
      ["x-client-request-id", "thread-1"],
      ["session-id", "session-1"],
      ["thread-id", "thread-1"],
    ] as const;
    await outcomeOf(await client.stream(request(), { headers: identity }));
    await outcomeOf(await client.stream(request()));
    for (const [name, value] of identity) {
      expect(server.requests[0]?.header(name)).toBe(value);
      expect(server.requests[1]?.header(name)).toBeUndefined();
    }
  });

  test("[api/A9] a header that HTTP does not allow is skipped and the request is sent", async () => {
    await using server = await startAnswering();
    const client = clientAt(server.url, { headers: [["x-provider", "a\r\nx-evil: 1"]] });
    const headers = [
      ["x-extra", "line\nbreak"],
      ["bad name", "v"],
      ["x-ünïcode", "v"],
      ["x-value", "✓"],
      ["x-good", "v"],
    ] as const;
    const { error } = await outcomeOf(await client.stream(request(), { headers }));
    expect(error).toBeUndefined();
    expect(headerNames(server)).toEqual(["x-good", "accept", "content-type"]);
  });
});

describe("headers that say how a message is framed", () => {
  test.each([
    ["content-length", "5"],
    ["content-length", "five"],
    ["transfer-encoding", "chunked"],
    ["expect", "100-continue"],
    ["keep-alive", "timeout=5"],
    ["upgrade", "h2c"],
  ])("%s: %s is a mistake in the configuration, and nothing is sent", async (name, value) => {
    await using server = await startAnswering();
    const headers = [[name, value]] as const;
    const errors = [
      await apiErrorOf(clientAt(server.url, { headers }).stream(request())),
      await apiErrorOf(clientAt(server.url).stream(request(), { headers })),
      await apiErrorOf(webSocketClientAt(server.url, { headers }).connect()),
    ];
    for (const error of errors) {
      expect(error).toMatchObject({
        code: "request_build",
        detail: expect.stringContaining(`header ${name} itself: remove it`),
      });
    }
    expect([...server.requests, ...server.connections]).toHaveLength(0);
  });

  test.each([
    ["host", "other.example"],
    ["connection", "close"],
  ])("%s: %s is the caller's choice", async (name, value) => {
    await using server = await startAnswering();
    const headers = [[name, value]] as const;
    await outcomeOf(await clientAt(server.url, { headers }).stream(request()));
    expect(server.requests[0]?.header(name)).toBe(value);
    await using connection = await webSocketClientAt(server.url, { headers }).connect();
    expect(connection.isOpen).toBe(true);
  });

  test("a length that a signer gives and that is right is sent once", async () => {
    await using server = await startAnswering();
    const auth: AuthProvider = {
      addAuthHeaders() {},
      async applyAuth(outbound) {
        outbound.headers.set("content-length", String(outbound.body?.length));
        return outbound;
      },
    };
    await outcomeOf(await clientAt(server.url, {}, { auth }).stream(request()));
    const lengths = server.requests[0]?.headers.filter(([name]) => name === "content-length");
    expect(lengths).toHaveLength(1);
  });
});

describe("body", () => {
  test("[api/A10] leaves out what is unset and keeps an empty tool list and a null reasoning", async () => {
    await using server = await startAnswering();
    await outcomeOf(await clientAt(server.url).stream(request({ instructions: "", input: [] })));
    expect(server.requests[0]?.bodyText).toBe(
      '{"model":"gpt-test","input":[],"tools":[],"tool_choice":"auto","parallel_tool_calls":true,"reasoning":null,"store":false,"stream":true,"include":[]}',
    );
  });

  test("writes its members in the order of 0.140 whatever order the caller has, without escaping", async () => {
    await using server = await startAnswering();
    const shuffled: ResponsesRequest = {
      client_metadata: { "x-codex-window-id": "w:0" },
      text: { format: textFormat, verbosity: "low" },
      prompt_cache_key: "key",
      service_tier: "priority",
      include: ["reasoning.encrypted_content"],
      stream: true,
      store: false,
      reasoning: { effort: "high", summary: "auto" },
      parallel_tool_calls: false,
      tool_choice: "auto",
      tools: [{ type: "function", name: "t", parameters: {} }],
      input: [],
      instructions: "größer ✓",
      model: "gpt-test",
    };
    await outcomeOf(await clientAt(server.url).stream(shuffled));
    const body = server.requests[0]?.body as Record<string, unknown>;
    expect(Object.keys(body)).toEqual(
      "model instructions input tools tool_choice parallel_tool_calls reasoning store stream include service_tier prompt_cache_key text client_metadata".split(
        " ",
      ),
    );
    expect(server.requests[0]?.bodyText).toContain('"instructions":"größer ✓"');
  });

  const textFormat = {
    type: "json_schema",
    strict: true,
    schema: { type: "object" },
    name: "codex_output_schema",
  } as const;

  test.each([
    ["only verbosity", { verbosity: "low" }, { verbosity: "low" }],
    ["only a schema", { format: textFormat }, { format: textFormat }],
    ["both", { format: textFormat, verbosity: "high" }, { verbosity: "high", format: textFormat }],
    ["neither", {}, undefined],
    ["unset", undefined, undefined],
  ] as const)("[api/A11] text with %s", async (_name, text, expected) => {
    await using server = await startAnswering();
    await outcomeOf(await clientAt(server.url).stream(request(text === undefined ? {} : { text })));
    const body = server.requests[0]?.body as Record<string, unknown>;
    expect(JSON.stringify(body["text"])).toBe(JSON.stringify(expected));
  });

  const itemsWithIds = [
    { type: "message", id: "msg_1", role: "user", content: [] },
    { type: "reasoning", id: "rs_1", summary: [], content: null, encrypted_content: null },
    { type: "web_search_call", id: "ws_1" },
    { type: "function_call", id: "", name: "f", arguments: "{}", call_id: "c1" },
    { type: "function_call", id: "fc_1", name: "f", arguments: "{}", call_id: "c1" },
    { type: "function_call_output", id: "fco_1", call_id: "c1", output: "ok" },
    { type: "tool_search_call", id: "ts_1", call_id: null, execution: "x", arguments: {} },
    { type: "local_shell_call", id: "ls_1", call_id: null, status: "completed", action: {} },
    { type: "custom_tool_call", id: "ct_1", call_id: "c2", name: "t", input: "" },
    { type: "custom_tool_call_output", id: "cto_1", call_id: "c2", output: "ok" },
    { type: "image_generation_call", id: "ig_1", status: "completed", result: "" },
  ] as const;

  async function sentItems(name: string, store: boolean): Promise<Record<string, unknown>[]> {
    await using server = await startAnswering();
    const client = clientAt(server.url, { name });
    await outcomeOf(await client.stream(request({ store, input: [...itemsWithIds] })));
    const body = server.requests[0]?.body as { input: Record<string, unknown>[] } | undefined;
    return body?.input ?? [];
  }

  test("[api/A12] a storing Azure endpoint gets the ids of calls and messages back, as last member", async () => {
    const items = await sentItems("Azure", true);
    expect(items.map((item) => item["id"])).toEqual([
      "msg_1",
      "rs_1",
      "ws_1",
      undefined,
      "fc_1",
      undefined,
      "ts_1",
      "ls_1",
      "ct_1",
      undefined,
      "ig_1",
    ]);
    expect(Object.keys(items[4] ?? {}).at(-1)).toBe("id");
  });

  test.each([
    ["test", true],
    ["Azure", false],
    ["test", false],
  ])("[api/A13] provider %s with store %s gets no id but an image's", async (name, store) => {
    const items = await sentItems(name, store);
    const withId = items.filter((item) => "id" in item).map((item) => item["type"]);
    expect(withId).toEqual(["image_generation_call"]);
  });

  test("[api/A14] zstd is one frame that decompresses to the JSON", async () => {
    await using server = await startAnswering();
    const client = clientAt(server.url);
    await outcomeOf(await client.stream(request()));
    await outcomeOf(await client.stream(request(), { compression: "zstd" }));
    const [plain, compressed] = server.requests;
    const bytes = compressed?.bodyBytes ?? new Uint8Array();
    expect(Buffer.from(bytes.subarray(0, 4)).toString("hex")).toBe("28b52ffd");
    expect(zstdDecompressSync(bytes).toString("utf8")).toBe(plain?.bodyText);
    expect(compressed?.header("content-encoding")).toBe("zstd");
    expect(compressed?.header("content-type")).toBe("application/json");
    expect(plain?.header("content-encoding")).toBeUndefined();
  });

  test.each([
    ["an extra header", {}, [["Content-Encoding", "br"]]],
    ["a provider header", { headers: [["content-encoding", "br"]] }, []],
  ] as const)(
    "[api/A15] zstd beside a content encoding in %s is a build error",
    async (_name, provider, headers) => {
      await using server = await startAnswering();
      const client = clientAt(server.url, provider);
      const error = await apiErrorOf(client.stream(request(), { compression: "zstd", headers }));
      expect(error.code).toBe("request_build");
      expect(server.requests).toHaveLength(0);
    },
  );
});

function failing(times: number, code: "transient" | "build"): AuthProvider & { asked: number } {
  return {
    asked: 0,
    addAuthHeaders() {},
    async applyAuth(outbound) {
      this.asked += 1;
      if (this.asked <= times) throw new AuthError(code, "the token helper did not answer");
      return outbound;
    },
  };
}

describe("credentials", () => {
  test("[api/A16] a transient auth failure is retried like a network error", async () => {
    await using server = await startAnswering();
    const auth = failing(2, "transient");
    const { error } = await outcomeOf(await clientAt(server.url, {}, { auth }).stream(request()));
    expect(error).toBeUndefined();
    expect(auth.asked).toBe(3);
    expect(server.requests).toHaveLength(1);
  });

  test("[api/A16] a fatal auth failure is a build error and sends nothing", async () => {
    await using server = await startAnswering();
    const auth = failing(1, "build");
    const error = await apiErrorOf(clientAt(server.url, {}, { auth }).stream(request()));
    expect(error).toMatchObject({
      code: "request_build",
      detail: "the token helper did not answer",
    });
    expect(auth.asked).toBe(1);
    expect(server.requests).toHaveLength(0);
  });

  test("[api/A17] every attempt asks for credentials anew", async () => {
    await using server = await startResponsesServer({
      script: [errorExchange(500), messageExchange("hi")],
    });
    const tokens = ["first-token", "second-token"];
    const auth: AuthProvider = {
      addAuthHeaders: (headers) => headers.set("authorization", `Bearer ${tokens.shift()}`),
    };
    await outcomeOf(await clientAt(server.url, {}, { auth }).stream(request()));
    expect(server.requests.map((received) => received.header("authorization"))).toEqual([
      "Bearer first-token",
      "Bearer second-token",
    ]);
  });

  test("a signer sees the final bytes and headers, and what it returns is sent", async () => {
    await using server = await startAnswering();
    let seen: Uint8Array | undefined;
    const auth: AuthProvider = {
      addAuthHeaders() {},
      async applyAuth(outbound) {
        seen = outbound.body;
        expect(outbound.headers.get("content-encoding")).toBe("zstd");
        const headers = new HeaderBag(outbound.headers);
        headers.set("x-signature", "signed");
        return { ...outbound, headers, url: outbound.url.replace("/v1/", "/v1/signed/../") };
      },
    };
    const client = clientAt(server.url, {}, { auth });
    await outcomeOf(await client.stream(request(), { compression: "zstd" }));
    expect(server.requests[0]?.header("x-signature")).toBe("signed");
    expect(Buffer.from(server.requests[0]?.bodyBytes ?? []).equals(seen ?? new Uint8Array())).toBe(
      true,
    );
  });

  test("no credential is in an error, not even when the server repeats it", async () => {
    await using server = await startResponsesServer({
      script: [
        {
          ...errorExchange(401, { message: "incorrect key: sk-very-secret-value" }),
          headers: { "x-echo": "Bearer sk-very-secret-value", "set-cookie": "a=b" },
        },
      ],
    });
    const auth = bearer("sk-very-secret-value");
    const provider = { headers: [["x-env", "from-the-environment"]], ...retries(0) } as const;
    const client = clientAt(server.url.replace("//", "//user:pass@"), provider, { auth });
    const error = await apiErrorOf(client.stream(request()));
    expect(error).toMatchObject({ code: "http_status", status: 401 });
    const shown = `${JSON.stringify(error)} ${error.message} ${error.stack}`;
    expect(shown).not.toMatch(/sk-very|from-the-environment|user:pass|a=b/);
  });
});
