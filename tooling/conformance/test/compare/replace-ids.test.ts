import { describe, expect, test } from "vitest";
import type { ObservedRequest, ObservedRun } from "../../src/compare/observed-run.ts";
import { replaceIds } from "../../src/compare/replace-ids.ts";

const PLACES = { host: "127.0.0.1:4321", workspace: "/tmp/run-1/workspace" };
const THREAD = "01a1fa2c-14fd-7b60-8176-1542090ff366";
const OTHER = "01a1fa2c-14fd-7b60-8176-1542090ff367";

function request(init: Partial<ObservedRequest> & { readonly threadId?: string }): ObservedRequest {
  const { threadId = THREAD, ...rest } = init;
  const blob = { session_id: THREAD, thread_id: threadId, turn_started_at_unix_ms: 1795198555393 };
  return {
    target: "POST /v1/responses",
    headers: [["x-codex-turn-metadata", JSON.stringify(blob)]],
    body: {},
    ...rest,
  };
}

function replaced(requests: readonly ObservedRequest[]): ObservedRun {
  return replaceIds({ requests, handshakes: [], events: [] }, PLACES);
}

describe("replacing ids", () => {
  test("names an id by what it is for, in the order of appearance", () => {
    const run = replaced([
      request({ body: { prompt_cache_key: THREAD } }),
      request({ threadId: OTHER, body: { prompt_cache_key: OTHER, parent: THREAD } }),
    ]);
    expect(run.requests.map(({ body }) => body)).toEqual([
      { prompt_cache_key: "<thread 1>" },
      { prompt_cache_key: "<thread 2>", parent: "<thread 1>" },
    ]);
  });

  test("keeps apart two runs that use an id in different places", () => {
    const body = (key: string): unknown =>
      replaced([request({}), request({ threadId: OTHER, body: { prompt_cache_key: key } })])
        .requests[1]?.body;
    expect(body(THREAD)).not.toEqual(body(OTHER));
  });

  test("replaces times in the metadata, in headers and in bodies alike", () => {
    const [first] = replaced([
      request({
        body: { client_metadata: { "x-codex-ws-stream-request-start-ms": "1795198980398" } },
      }),
    ]).requests;
    expect(first?.headers[0]?.[1]).toContain('"turn_started_at_unix_ms":"<time>"');
    expect(first?.body).toEqual({
      client_metadata: { "x-codex-ws-stream-request-start-ms": "<time>" },
    });
  });

  test("replaces the folder and the server, but not what only looks like the folder", () => {
    const [first] = replaceIds(
      {
        requests: [
          request({
            headers: [["Host", "127.0.0.1:4321"]],
            body: "<root>/workspace</root></workspace_roots>",
          }),
        ],
        handshakes: [],
        events: [],
      },
      { ...PLACES, workspace: "/workspace" },
    ).requests;
    expect(first?.headers).toEqual([["host", "<host>"]]);
    expect(first?.body).toBe("<root><workspace></root></workspace_roots>");
  });

  test("replaces sentences, and leaves what programs read", () => {
    const bodies = replaced([
      request({ body: "failed to parse function arguments: any words" }),
      request({ body: "Reconnecting... 1/2 (there is a high demand today)" }),
      request({ body: "Process exited with code 3" }),
    ]).requests.map(({ body }) => body);
    expect(bodies).toEqual([
      "failed to parse function arguments: <reason>",
      "Reconnecting... 1/2 (<high demand>)",
      "Process exited with code 3",
    ]);
  });
});
