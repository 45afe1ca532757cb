import { describe, expect, test } from "vitest";
import {
  created,
  disconnect,
  errorExchange,
  failedExchange,
  message,
  messageExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { ofType, startScene } from "../support/harness.ts";
import type { SceneOptions } from "../support/harness.ts";

const POLICIES = ["0.169", "0.140"] as const;

/** One turn with the given retries of requests and streams, and how it went. */
async function play(
  script: readonly Exchange[],
  [requestMaxRetries, streamMaxRetries]: readonly [number, number],
  options: SceneOptions = {},
) {
  await using scene = await startScene(script, {
    ...options,
    providerInfo: { requestMaxRetries, streamMaxRetries },
  });
  const events = await scene.turn("go");
  const last = events.at(-1);
  expect(scene.server.unexpectedRequests).toEqual([]);
  return {
    url: `${scene.server.url}/responses`,
    requests: scene.server.requests,
    notices: ofType(events, "streamRetry").map((event) => event.message),
    texts: ofType(events, "itemCompleted").map(({ item }) => "text" in item && item.text),
    failure: last?.type === "turnFailed" ? last.error : undefined,
    sleepsMs: scene.sleepsMs,
  };
}

const cut: Exchange = { events: [created(), message("Half."), disconnect()] };

/** A body that is no JSON, with these headers alone. */
const plain = (status: number, text: string, headers: Record<string, string> = {}): Exchange => ({
  status,
  headers,
  requestId: null,
  body: text,
});

describe.each(POLICIES)("what a server can answer, under the policy of %s", (errorPolicy) => {
  test("[core/api-F9] a server error in the stream is tried again once, with one notice, and then final", async () => {
    const broken = failedExchange({ code: "server_error", message: "Broken." });
    const { requests, notices, failure } = await play([broken, broken], [1, 1], { errorPolicy });
    expect(requests).toHaveLength(2);
    expect(notices).toEqual(["Reconnecting... 1/1"]);
    expect(failure?.message).toContain("Broken.");
  });

  test("[core/api-F11] the item of a broken stream and the result of the next one are both kept", async () => {
    const { texts, failure, requests } = await play([cut, messageExchange("Whole.")], [0, 1], {
      errorPolicy,
    });
    expect(failure).toBeUndefined();
    expect(texts).toEqual(["Half.", "Whole."]);
    expect(JSON.stringify(requests[1]?.body)).toContain("Half.");
  });

  test("[core/api-F12] a stream that always ends is asked for six times, with waits that double", async () => {
    const { requests, sleepsMs, failure } = await play([{ ...cut, repeat: 6 }], [4, 5], {
      errorPolicy,
    });
    expect(requests).toHaveLength(6);
    expect(sleepsMs).toEqual([200, 400, 800, 1600, 3200]);
    expect(failure?.code).toBe("stream");
  });

  test("[core/api-G2] a 401 nobody can do anything about names all that helps to find it, and is tried again like a stream", async () => {
    const refused = plain(401, '{"error":{"message":"No entry."}}', {
      "cf-ray": "ray-1",
      "x-request-id": "req-1",
      "x-openai-authorization-error": "missing_authorization_header",
      "x-error-json": Buffer.from('{"error":{"code":"token_expired"}}').toString("base64"),
    });
    const { url, requests, failure } = await play([{ ...refused, repeat: 2 }], [0, 1], {
      errorPolicy,
    });
    expect(requests).toHaveLength(2);
    expect(failure).toMatchObject({ status: 401, upstreamRequestId: "req-1" });
    for (const fact of [url, "ray-1", "req-1", "missing_authorization_header", "token_expired"]) {
      expect(failure?.message).toContain(fact);
    }
  });

  test("[core/api-G3] a page of Cloudflare's is summed up with the URL and its ray", async () => {
    const page = plain(403, "<html><body>Cloudflare: you have been blocked</body></html>", {
      "cf-ray": "ray-1",
      "content-type": "text/html",
    });
    const { url, failure } = await play([page], [0, 0], { errorPolicy });
    expect(failure?.message).not.toContain("<html>");
    for (const fact of [url, "ray-1", "status 403"]) expect(failure?.message).toContain(fact);
  });

  test("[core/api-G4] an error without a body says so, a long one is cut", async () => {
    const empty = await play([plain(404, "")], [0, 0], { errorPolicy });
    expect(empty.failure?.message).toContain("Unknown error");
    const long = await play([plain(404, "y".repeat(1500))], [0, 0], { errorPolicy });
    expect(long.failure?.message).toContain(`${"y".repeat(1000)}...`);
    expect(long.failure?.message).not.toContain("y".repeat(1001));
  });

  test("[core/api-G5] a plain 429 is final after one request and names its id, or the ray when it has none", async () => {
    for (const headers of [{ "x-request-id": "req-1", "cf-ray": "ray-1" }, { "cf-ray": "ray-1" }]) {
      const { requests, failure } = await play([plain(429, "", headers)], [3, 3], { errorPolicy });
      expect(requests).toHaveLength(1);
      expect(failure?.code).toBe("retry_limit");
      expect(failure?.message).toContain("x-request-id" in headers ? "req-1" : "ray-1");
    }
  });

  test.each([500, 502, 503])(
    "[core/api-G10] a permanent %i is asked for by the transport and by the turn, each with its retries",
    async (status) => {
      const { requests, notices } = await play([{ ...errorExchange(status), repeat: 4 }], [1, 1], {
        errorPolicy,
      });
      expect(requests).toHaveLength(4);
      expect(notices).toEqual(["Reconnecting... 1/1"]);
    },
  );

  test("[core/api-G11] an overloaded server is asked again by the transport only", async () => {
    const overloaded = { ...errorExchange(503, { code: "server_is_overloaded" }), repeat: 2 };
    const { requests, notices, failure } = await play([overloaded], [1, 1], { errorPolicy });
    expect(requests).toHaveLength(2);
    expect(notices).toEqual([]);
    expect(failure?.code).toBe("server_overloaded");
  });

  test("[core/api-G12] a redirect with 307 is followed with the body", async () => {
    const script: Exchange[] = [
      { status: 307, headers: { location: "/v1/elsewhere/responses" }, body: null },
      { path: "/elsewhere/responses", ...messageExchange("There.") },
    ];
    const { requests, texts } = await play(script, [0, 0], { errorPolicy });
    expect(texts).toEqual(["There."]);
    expect(requests.map((request) => request.path)).toEqual([
      "/v1/responses",
      "/v1/elsewhere/responses",
    ]);
    expect(requests[1]?.body).toEqual(requests[0]?.body);
  });
});

describe("a request that cannot be sent", () => {
  test.each([
    ["a base URL that is none", { baseUrl: "notaurl" }],
    ["a base URL of another scheme", { baseUrl: "file:///tmp" }],
  ])("[core/C9-build] ends the turn at once, over HTTP and WebSocket: %s", async (_name, info) => {
    for (const supportsWebsockets of [false, true]) {
      await using scene = await startScene([], { providerInfo: { ...info, supportsWebsockets } });
      const events = await scene.turn("go");
      expect(scene.sleepsMs).toEqual([]);
      expect(events.at(-1)).toMatchObject({
        type: "turnFailed",
        error: {
          code: "configuration",
          message: expect.stringMatching(
            /^request build error: .*; check the configuration of model provider `mock`$/,
          ),
        },
      });
      expect(scene.server.requests).toEqual([]);
    }
  });
});
