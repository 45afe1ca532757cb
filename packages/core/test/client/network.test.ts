import { describe, expect, test } from "vitest";
import { networkFromEnvironment } from "@codex-ts/api";
import type { AttemptEnded } from "@codex-ts/api";
import type { ObservedCall } from "@codex-ts/core";
import { created, disconnect, errorExchange, messageExchange } from "@codex-ts/responses-server";
import { startProxy } from "@codex-ts/test-support";
import { ofType, startScene } from "../support/harness.ts";

describe("the network of a thread", () => {
  test.each([
    {
      supportsWebsockets: false,
      asked: (port: number) => `POST http://127.0.0.1:${port}/v1/responses`,
    },
    { supportsWebsockets: true, asked: (port: number) => `CONNECT 127.0.0.1:${port}` },
  ])(
    "[core/N1] a turn goes through the proxy of the environment (WebSocket: $supportsWebsockets)",
    async ({ supportsWebsockets, asked }) => {
      await using proxy = await startProxy();
      const network = networkFromEnvironment({ HTTP_PROXY: proxy.url });
      await using scene = await startScene([messageExchange("Through.")], {
        network,
        providerInfo: { supportsWebsockets },
      });
      const events = await scene.turn("go");
      expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "Through." });
      expect(proxy.asked).toEqual([asked(scene.server.port)]);
      await scene.thread.close();
      await network.dispatcher.close();
    },
  );

  test("[core/N2] a dispatcher of the caller carries the requests of a thread", async () => {
    const origins: string[] = [];
    const { dispatcher } = networkFromEnvironment({});
    await using scene = await startScene([messageExchange("Hi.")], {
      dispatcher: dispatcher.compose((dispatch) => (options, handler) => {
        origins.push(String(options.origin));
        return dispatch(options, handler);
      }),
    });
    await scene.turn("go");
    expect(origins).toEqual([`http://127.0.0.1:${scene.server.port}`]);
    await dispatcher.destroy();
  });

  test("[core/N3] certificates of the environment that cannot be used are told", async () => {
    const network = networkFromEnvironment({ SSL_CERT_FILE: "/no/such/file.pem" });
    const told: string[] = [];
    await using scene = await startScene([messageExchange("Hi.")], {
      network,
      onWarning: (message) => told.push(message),
    });
    expect(told).toEqual([expect.stringContaining("/no/such/file.pem")]);
    expect((await scene.turn("go")).at(-1)?.type).toBe("turnCompleted");
    await network.dispatcher.destroy();
  });
});

/** Attempts with the call they belong to, in the order they ended. */
function observing(): {
  readonly seen: (ObservedCall & AttemptEnded)[];
  readonly observeTransport: (call: ObservedCall) => { onAttemptEnded(end: AttemptEnded): void };
} {
  const seen: (ObservedCall & AttemptEnded)[] = [];
  return {
    seen,
    observeTransport: (call) => ({
      onAttemptEnded: (end) => void seen.push({ ...call, ...end }),
    }),
  };
}

describe("an observer of the transport", () => {
  test("[core/N4] sees every attempt of a retried turn with the inference it belongs to", async () => {
    const { seen, observeTransport } = observing();
    await using scene = await startScene(
      [
        errorExchange(500, { requestId: "req_500" }),
        { requestId: "req_cut", events: [created(), disconnect()] },
        messageExchange("Whole.", { requestId: "req_whole" }),
      ],
      { observeTransport },
    );
    const events = await scene.turn("go");
    const [first, second] = ofType(events, "inferenceStarted").map(
      ({ inference }) => inference.inferenceCallId,
    );
    expect(
      seen.map((attempt) => [
        attempt.inferenceCallId,
        attempt.attemptNumber,
        attempt.upstreamRequestId,
        attempt.outcome,
      ]),
    ).toEqual([
      [first, 0, "req_500", "failed"],
      [first, 1, "req_cut", "failed"],
      [second, 0, "req_whole", "completed"],
    ]);
    const turnId = ofType(events, "turnStarted")[0]?.turnId;
    expect(seen.map((attempt) => [attempt.turnId, attempt.requestKind])).toEqual(
      seen.map(() => [turnId, "turn"]),
    );
    expect(JSON.stringify(seen)).not.toContain("sk-mock-key");
  });

  test("[core/N5] sees handshake, warm-up and request over WebSocket, each once", async () => {
    const { seen, observeTransport } = observing();
    await using scene = await startScene([messageExchange("Hi.")], {
      observeTransport,
      providerInfo: { supportsWebsockets: true },
    });
    const events = await scene.turn("go");
    const id = ofType(events, "inferenceStarted")[0]?.inference.inferenceCallId;
    expect(
      seen.map((attempt) => [attempt.endpoint, attempt.requestKind, attempt.inferenceCallId]),
    ).toEqual([
      ["handshake", "prewarm", undefined],
      ["responses", "prewarm", undefined],
      ["responses", "turn", id],
    ]);
  });

  test("[core/N6] cannot break a turn", async () => {
    const fail = (): never => {
      throw new Error("an observer that fails");
    };
    await using scene = await startScene([messageExchange("Hi.")], { observeTransport: fail });
    expect((await scene.turn("go")).at(-1)?.type).toBe("turnCompleted");
  });
});
