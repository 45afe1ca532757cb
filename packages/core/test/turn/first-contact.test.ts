import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { errorExchange, failedExchange, messageExchange } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import type { TurnEvent, TurnFailure } from "../../src/events/turn-event.ts";
import { ofType, startScene } from "../support/harness.ts";

/** An address nobody listens at. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

const page: Exchange = {
  method: "POST",
  path: "/responses",
  status: 404,
  headers: { "content-type": "text/html" },
  body: "<!DOCTYPE html><title>Nothing here</title>",
};

function failureOf(events: readonly TurnEvent[]): TurnFailure | undefined {
  return ofType(events, "turnFailed")[0]?.error;
}

describe("a provider that never answered", () => {
  test.each([false, true])(
    "[core/first-contact] is not asked again and again where nobody listens (WebSocket: %s)",
    async (supportsWebsockets) => {
      await using scene = await startScene([], {
        providerInfo: { baseUrl: await closedAddress(), supportsWebsockets },
      });
      const events = await scene.turn("go");
      expect(ofType(events, "streamRetry")).toEqual([]);
      expect(failureOf(events)).toMatchObject({ code: "stream", unreachable: "refused" });
      expect(failureOf(events)?.message).toMatch(/^stream disconnected before completion: /);
    },
  );

  test("[core/first-contact] is not asked again where a website answers", async () => {
    await using scene = await startScene([page]);
    const events = await scene.turn("go");
    expect(scene.server.requests).toHaveLength(1);
    expect(failureOf(events)).toMatchObject({ status: 404, unreachable: "website" });
  });

  test("[core/first-contact] is asked again where an API refuses, as ever", async () => {
    const refusal = errorExchange(404, { message: "no such model" });
    await using scene = await startScene([refusal, refusal, refusal]);
    const events = await scene.turn("go");
    expect(scene.server.requests).toHaveLength(3);
    expect(failureOf(events)?.unreachable).toBeUndefined();
  });
});

describe("a provider that answered before", () => {
  test("[core/first-contact] is asked again when nobody listens any more", async () => {
    await using scene = await startScene([messageExchange("Good.")]);
    await scene.turn("one");
    await scene.server.close();
    const events = await scene.turn("two");
    expect(ofType(events, "streamRetry")).toHaveLength(2);
    expect(failureOf(events)).toMatchObject({ unreachable: "refused" });
  });

  test("[core/first-contact] is asked again when a page stands in its place", async () => {
    await using scene = await startScene([errorExchange(503), page, page], {
      providerInfo: { requestMaxRetries: 0 },
    });
    expect(ofType(await scene.turn("go"), "streamRetry")).toHaveLength(2);
  });
});

describe("what a server says of its failure", () => {
  test.each<[string, Exchange, Partial<TurnFailure>]>([
    [
      "a status whose text says nothing",
      errorExchange(500, { message: "no memory", requestId: "req_1" }),
      { status: 500, serverMessage: "no memory", upstreamRequestId: "req_1" },
    ],
    [
      "another form of error body",
      { ...page, status: 500, headers: {}, body: { detail: "no memory" } },
      { status: 500, serverMessage: "no memory" },
    ],
    [
      "a rate limit",
      errorExchange(429, { message: "40 of 40 requests", requestId: "req_1" }),
      { status: 429, serverMessage: "40 of 40 requests", upstreamRequestId: "req_1" },
    ],
    [
      "a failed response with a text of ours",
      failedExchange({ code: "insufficient_quota", message: "0.00 USD left" }),
      { serverMessage: "0.00 USD left" },
    ],
  ])("[core/server-message] %s: the turn's failure holds it", async (_what, exchange, facts) => {
    await using scene = await startScene([exchange], {
      providerInfo: { requestMaxRetries: 0, streamMaxRetries: 0 },
    });
    const failure = failureOf(await scene.turn("go"));
    expect(failure).toMatchObject(facts);
    expect(failure?.message).not.toContain(facts.serverMessage);
  });

  test("[core/server-message] is there also where the message holds it", async () => {
    await using scene = await startScene([errorExchange(422, { message: "no such thing" })], {
      providerInfo: { streamMaxRetries: 0 },
    });
    const failure = failureOf(await scene.turn("go"));
    expect(failure?.message).toContain("no such thing");
    expect(failure?.serverMessage).toBe("no such thing");
  });
});
