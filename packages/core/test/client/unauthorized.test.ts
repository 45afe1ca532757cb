import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import {
  BearerAuthProvider,
  authRequestTelemetryContext,
  createModelProvider,
  createOssProviderWithBaseUrl,
} from "@codex-ts/model-provider";
import type { ErrorPolicy } from "@codex-ts/api";
import { createThread } from "@codex-ts/core";
import { errorExchange, gate, messageExchange } from "@codex-ts/responses-server";
import type { Exchange, ResponsesServerOptions } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { endsOf, reduceStrictly } from "../support/bundle.ts";
import { INSTALLATION_ID, collect, ofType, testModel } from "../support/harness.ts";
import { startResponsesServer } from "../support/server.ts";

/** A provider whose token is printed by a command, and a thread that uses it. */
async function startWithTokenCommand(
  script: readonly Exchange[],
  options: {
    readonly websockets?: boolean;
    readonly errorPolicy?: ErrorPolicy;
    readonly handshakes?: ResponsesServerOptions["handshakes"];
  } = {},
) {
  const directory = await temporaryDirectory();
  const server = await startResponsesServer({
    script,
    ...(options.handshakes && { handshakes: options.handshakes }),
  });
  const tokenFile = `${directory.path}/token`;
  await writeFile(tokenFile, "old-token");
  const info = {
    ...createOssProviderWithBaseUrl(server.url),
    name: "mock",
    requestMaxRetries: 0,
    streamMaxRetries: 0,
    supportsWebsockets: options.websockets ?? false,
    auth: { command: "cat", args: [tokenFile], timeoutMs: 5000, refreshIntervalMs: 0 },
  };
  const thread = await createThread({
    provider: createModelProvider({
      id: "mock",
      info,
      env: { PATH: process.env["PATH"] },
      clientVersion: "0.0.0",
    }),
    model: testModel(),
    cwd: directory.path,
    installationId: INSTALLATION_ID,
    trace: { root: `${directory.path}/traces` },
    ...(options.errorPolicy && { errorPolicy: options.errorPolicy }),
  });
  return {
    server,
    thread,
    renewToken: () => writeFile(tokenFile, "new-token"),
    async [Symbol.asyncDispose]() {
      await thread.close();
      await server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const needs = (token: string, exchange: Exchange): Exchange => ({
  ...exchange,
  when: (request) =>
    request.headers.some(
      ([name, value]) => name === "authorization" && value === `Bearer ${token}`,
    ),
});

describe("an answer 401", () => {
  test.each(["0.169", "0.140"] as const)(
    "[core/C8] is met with fresh credentials; each try is an attempt with its own id (policy %s)",
    async (errorPolicy) => {
      await using scene = await startWithTokenCommand(
        [
          needs("old-token", {
            ...errorExchange(401, { requestId: "req_401" }),
            beforeStatus: [gate("renewed")],
          }),
          needs(
            "new-token",
            messageExchange("In.", { requestId: "req_ok", responseId: "resp_ok" }),
          ),
        ],
        { errorPolicy },
      );
      const events = [];
      for await (const event of scene.thread.runTurn("go")) {
        events.push(event);
        // The token expires between two requests; here before the first answer is given.
        if (event.type !== "inferenceStarted" || event.inference.ordinal > 1) continue;
        await scene.server.waitForRequest(1);
        await scene.renewToken();
        scene.server.release("renewed");
      }
      expect(events.at(-1)?.type).toBe("turnCompleted");
      expect(ofType(events, "streamRetry")).toEqual([]);
      const state = await reduceStrictly(scene.thread);
      expect(endsOf(state)).toEqual([
        ["failed", null, "req_401", 0],
        ["completed", "resp_ok", "req_ok", 1],
      ]);
    },
  );

  test("[core/A1] ends the turn when fresh credentials are refused as well", async () => {
    await using scene = await startWithTokenCommand([
      { ...errorExchange(401, { message: "No entry.", requestId: "req_401" }), repeat: 2 },
    ]);
    const events = await collect(scene.thread.runTurn("go"));
    expect(scene.server.requests).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({
      type: "turnFailed",
      error: { code: "unexpected_status", status: 401, upstreamRequestId: "req_401" },
    });
    expect(ofType(events, "inferenceFinished")).toHaveLength(2);
  });

  test("[core/A2] on a WebSocket upgrade is met the same way, and a later 426 moves on to HTTP", async () => {
    await using scene = await startWithTokenCommand([messageExchange("Over HTTP.")], {
      websockets: true,
      handshakes: [{ status: 401, repeat: 2 }, { status: 426 }],
    });
    const events = await collect(scene.thread.runTurn("go"));
    expect(events.at(-1)?.type).toBe("turnCompleted");
    expect(scene.server.requests.map((request) => request.transport)).toEqual(["http"]);
    expect(ofType(events, "inferenceFinished")).toHaveLength(1);
  });
});

test("[core/S0-7] the auth telemetry of a retried request says mode, header and recovery, never a value", () => {
  const context = authRequestTelemetryContext({
    authMode: "chatgpt",
    authProvider: new BearerAuthProvider({ token: "secret-token", accountId: "account" }),
    pending: { mode: "managed", phase: "refresh_token" },
  });
  expect(context).toEqual({
    authMode: "Chatgpt",
    authHeaderAttached: true,
    authHeaderName: "authorization",
    retryAfterUnauthorized: true,
    recoveryMode: "managed",
    recoveryPhase: "refresh_token",
  });
  expect(JSON.stringify(context)).not.toContain("secret-token");
});
