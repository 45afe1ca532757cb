import { describe, expect, test } from "vitest";
import type {
  AttemptResponded,
  AttemptEnded,
  AttemptRedirected,
  TransportObserver,
} from "@codex-ts/api";
import { errorExchange, messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { redirectedRequest } from "../../src/http/redirect.ts";
import { apiErrorOf, bearer, clientAt, outcomeOf, request, retries } from "../support/client.ts";

function redirect(status: number, location: string) {
  return { status, headers: { location }, body: null };
}

test.each([307, 308])("[api/G12] a %d is followed with method and body", async (status) => {
  await using server = await startResponsesServer({
    script: [
      redirect(status, "/v1/elsewhere?a=b"),
      { ...messageExchange("hi"), path: "/elsewhere" },
    ],
  });
  const ended: AttemptEnded[] = [];
  const observer = { onAttemptEnded: (attempt: AttemptEnded) => ended.push(attempt) };
  const auth = bearer("t");
  const { error } = await outcomeOf(
    await clientAt(server.url, {}, { auth, observer }).stream(request()),
  );
  expect(error).toBeUndefined();
  const [first, second] = server.requests;
  expect(second).toMatchObject({ method: "POST", path: "/v1/elsewhere?a=b" });
  expect(second?.bodyText).toBe(first?.bodyText);
  expect(second?.header("authorization")).toBe("Bearer t");
  expect(ended).toMatchObject([{ redirects: 1, status: 200 }]);
});

test("credentials do not follow a redirect to another origin", async () => {
  await using other = await startResponsesServer({ script: [messageExchange("hi")] });
  await using server = await startResponsesServer({
    script: [redirect(307, `${other.url}/responses`)],
  });
  const auth = {
    addAuthHeaders: (headers: { set(name: string, value: string): void }) => {
      headers.set("authorization", "Bearer t");
      headers.set("chatgpt-account-id", "acct");
    },
  };
  const provider = {
    headers: [
      ["x-from-environment", "secret"],
      ["api-key", "secret"],
      ["version", "1"],
    ],
  } as const;
  const headers = [
    ["session-id", "s"],
    ["cookie", "a=b"],
  ] as const;
  const { error } = await outcomeOf(
    await clientAt(server.url, provider, { auth }).stream(request(), { headers }),
  );
  expect(error).toBeUndefined();
  const names = new Set(other.requests[0]?.headers.map(([name]) => name));
  for (const name of [
    "authorization",
    "chatgpt-account-id",
    "x-from-environment",
    "api-key",
    "cookie",
  ]) {
    expect(names.has(name)).toBe(false);
    expect(server.requests[0]?.header(name)).toBeDefined();
  }
  expect(names.has("session-id")).toBe(true);
  expect(names.has("version")).toBe(true);
});

test("a host header of the caller names the first origin only", async () => {
  await using other = await startResponsesServer({ script: [messageExchange("hi")] });
  await using server = await startResponsesServer({
    script: [
      redirect(307, "/v1/elsewhere"),
      { ...redirect(307, `${other.url}/responses`), path: "/elsewhere" },
    ],
  });
  const headers = [["Host", "tenant.example"]] as const;
  await outcomeOf(await clientAt(server.url).stream(request(), { headers }));
  const hosts = [...server.requests, ...other.requests].map((received) => received.header("host"));
  expect(hosts).toEqual(["tenant.example", "tenant.example", new URL(other.url).host]);
});

test("another scheme is another origin: credentials do not follow, though the host is the same", () => {
  const sent = {
    method: "POST",
    url: new URL("https://h.example:444/v1"),
    headers: [
      ["authorization", "Bearer t"],
      ["accept", "*/*"],
    ] as const,
    body: undefined,
  };
  const location = "http://h.example:444/v1";
  const next = redirectedRequest(sent, 307, { location }, new Set());
  expect(next).toMatchObject({ url: new URL(location), headers: [["accept", "*/*"]] });
});

test("the observer is told every hop, without its secrets", async () => {
  await using server = await startResponsesServer({
    script: [
      { ...redirect(307, "/v1/one?token=hop-secret&a=b"), requestId: "hop-1" },
      { ...redirect(308, "/v1/two"), path: "/one" },
      { ...messageExchange("hi"), path: "/two" },
    ],
  });
  const hops: AttemptRedirected[] = [];
  const order: string[] = [];
  const observer: TransportObserver = {
    onAttemptStarted: () => order.push("started"),
    onAttemptRedirected: (hop) => {
      order.push("redirected");
      hops.push(hop);
    },
    onAttemptResponded: () => order.push("responded"),
  };
  await outcomeOf(await clientAt(server.url, {}, { observer }).stream(request()));
  expect(order).toEqual(["started", "redirected", "redirected", "responded"]);
  expect(hops).toMatchObject([
    { status: 307, url: `${server.url}/one?token=%5Bredacted%5D&a=b` },
    { status: 308, url: `${server.url}/two` },
  ]);
  expect(Object.fromEntries(hops[0]?.responseHeaders ?? [])["x-request-id"]).toBe("hop-1");
  expect(JSON.stringify(hops)).not.toContain("hop-secret");
});

test("the observer is told where a redirect leads that is not followed, without its secrets", async () => {
  await using server = await startResponsesServer({
    script: [redirect(302, "https://user:hop-secret@other.example/v1?token=hop-secret&a=b")],
  });
  const responses: AttemptResponded[] = [];
  const observer = { onAttemptResponded: (response: AttemptResponded) => responses.push(response) };
  await apiErrorOf(clientAt(server.url, {}, { observer }).stream(request()));
  expect(Object.fromEntries(responses[0]?.responseHeaders ?? [])["location"]).toBe(
    "https://other.example/v1?token=%5Bredacted%5D&a=b",
  );
});

describe("a redirect that is not followed is a refusal", () => {
  test("after ten hops", async () => {
    await using server = await startResponsesServer({
      script: [{ ...redirect(307, "/v1/responses"), repeat: Infinity }],
    });
    const error = await apiErrorOf(clientAt(server.url, retries(0)).stream(request()));
    expect(error).toMatchObject({ code: "http_status", status: 307 });
    expect(server.requests).toHaveLength(11);
  });

  test.each([
    [301, "/v1/x"],
    [302, "/v1/x"],
    [303, "/v1/x"],
    [307, ""],
    [307, "file:///etc/passwd"],
    [307, "http://"],
  ])("%d to %j", async (status, location) => {
    await using server = await startResponsesServer({
      script: [{ ...redirect(status, location), ...(location === "" && { headers: {} }) }],
    });
    const error = await apiErrorOf(clientAt(server.url, retries(0)).stream(request()));
    expect(error).toMatchObject({ code: "http_status", status });
    expect(server.requests).toHaveLength(1);
  });
});

test("an error names the URL that answered", async () => {
  await using server = await startResponsesServer({
    script: [redirect(307, "/v1/next"), { ...errorExchange(500), path: "/next" }],
  });
  const error = await apiErrorOf(clientAt(server.url, retries(0)).stream(request()));
  expect(error).toMatchObject({ status: 500, url: `${server.url}/next` });
});
