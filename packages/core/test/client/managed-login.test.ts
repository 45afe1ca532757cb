import { describe, expect, test } from "vitest";
import { errorExchange, gate, messageExchange } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import type { TurnEvent } from "@codex-ts/core";
import { inferencesOf, reduceStrictly } from "../support/bundle.ts";
import { collect, ofType } from "../support/harness.ts";
import { NEW, OLD, startLoginScene } from "../support/managed-login.ts";
import type { LoginScene } from "../support/managed-login.ts";

const POLICIES = ["0.169", "0.140"] as const;

/** An exchange for requests with one access token. */
const needs = ({ access_token: token }: typeof OLD, exchange: Exchange): Exchange => ({
  ...exchange,
  when: (request) => request.header("authorization") === `Bearer ${token}`,
});

const refused = (id: string) => needs(OLD, errorExchange(401, { requestId: id }));
const welcome = needs(NEW, messageExchange("In.", { requestId: "req_in", responseId: "resp_in" }));

/** Runs a turn and does something when its first request is on its way. */
async function turn(scene: LoginScene, during?: () => Promise<void>): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of scene.thread.runTurn("go")) {
    events.push(event);
    if (event.type === "inferenceStarted" && event.inference.ordinal === 1) await during?.();
  }
  return events;
}

/** A refusal that waits until the test has changed something. */
const held = (id: string): Exchange =>
  needs(OLD, { ...errorExchange(401, { requestId: id }), beforeStatus: [gate("changed")] });

describe.each(POLICIES)(
  "a ChatGPT login the server refuses, under the policy of %s",
  (errorPolicy) => {
    test("[core/A29] is read again, then refreshed: three attempts, two failed with their own ids", async () => {
      await using scene = await startLoginScene({
        script: [refused("req_1"), refused("req_2"), welcome],
        errorPolicy,
      });
      const events = await turn(scene);
      expect(events.at(-1)?.type).toBe("turnCompleted");
      expect(ofType(events, "streamRetry")).toEqual([]);
      expect(scene.spent).toEqual([OLD.refresh_token]);
      const state = await reduceStrictly(scene.thread);
      expect(
        inferencesOf(state).map((call) => [call.execution.status, call.upstream_request_id]),
      ).toEqual([
        ["failed", "req_1"],
        ["failed", "req_2"],
        ["completed", "req_in"],
      ]);
    });

    test("[core/A29a] is refreshed once in a turn, however often the server refuses", async () => {
      await using scene = await startLoginScene({
        script: [{ ...errorExchange(401, { message: "No entry." }), repeat: 20 }],
        errorPolicy,
      });
      const last = (await turn(scene)).at(-1);
      expect(last).toMatchObject({ type: "turnFailed", error: { status: 401 } });
      expect(last?.type === "turnFailed" && last.error.message).toContain("No entry.");
      expect(scene.spent).toHaveLength(1);
    });

    test("[core/A30] is taken from the file when another process has renewed it", async () => {
      await using scene = await startLoginScene({
        script: [held("req_1"), welcome],
        errorPolicy,
      });
      const events = await turn(scene, async () => {
        await scene.store(NEW);
        scene.server.release("changed");
      });
      expect(events.at(-1)?.type).toBe("turnCompleted");
      expect(scene.server.requests).toHaveLength(2);
      expect(scene.spent).toEqual([]);
    });

    test.each<[string, (scene: LoginScene) => Promise<void>]>([
      ["of another account", (scene) => scene.store(NEW, "acct-2")],
      ["without an account", (scene) => scene.store(NEW, null)],
      ["gone", (scene) => scene.store(null)],
    ])("[core/A31] that is %s by now ends the turn, after one request", async (_name, change) => {
      await using scene = await startLoginScene({ script: [held("req_1")], errorPolicy });
      const events = await turn(scene, async () => {
        await change(scene);
        scene.server.release("changed");
      });
      expect(events.at(-1)).toMatchObject({
        type: "turnFailed",
        error: { code: "unauthorized", message: expect.stringMatching(/account/) },
      });
      expect(scene.server.requests).toHaveLength(1);
      expect(scene.spent).toEqual([]);
    });

    test("[core/A32] a refresh that is refused for good ends the turn at once", async () => {
      await using scene = await startLoginScene({
        script: [refused("req_1"), refused("req_2")],
        refresh: { status: 401, body: { error: { code: "refresh_token_expired" } } },
        errorPolicy,
      });
      const events = await turn(scene);
      expect(events.at(-1)).toMatchObject({ type: "turnFailed", error: { code: "unauthorized" } });
      expect(scene.spent).toHaveLength(1);
      expect(scene.sleepsMs).toEqual([]);
    });

    test("[core/A32] a refresh that fails for now is tried again like a stream", async () => {
      await using scene = await startLoginScene({
        script: [{ ...refused("req_1"), repeat: 20 }],
        refresh: { status: 500, body: {} },
        errorPolicy,
      });
      const events = await turn(scene);
      expect(events.at(-1)).toMatchObject({
        type: "turnFailed",
        error: { code: "credentials_unavailable" },
      });
      expect(scene.sleepsMs).toEqual([expect.any(Number), expect.any(Number)]);
    });

    test("[core/A36] on WebSocket upgrades: read again, refreshed, and over HTTP with the new token after a 426", async () => {
      await using scene = await startLoginScene({
        script: [welcome],
        // The warm-up meets the first two, as the turn would.
        handshakes: [{ status: 401, repeat: 2 }, { status: 426 }],
        errorPolicy,
      });
      const events = await turn(scene);
      expect(events.at(-1)?.type).toBe("turnCompleted");
      expect(scene.server.requests.map((request) => request.transport)).toEqual(["http"]);
      expect(scene.server.connections.map((upgrade) => upgrade.header("authorization"))).toEqual([
        `Bearer ${OLD.access_token}`,
        `Bearer ${OLD.access_token}`,
        `Bearer ${NEW.access_token}`,
      ]);
      expect(scene.spent).toHaveLength(1);
    });
  },
);

test("[core/A53] no token of a login that was refreshed is in a trace, an event or an error", async () => {
  await using scene = await startLoginScene({
    script: [
      refused("req_1"),
      // A server that repeats what it was sent.
      needs(OLD, errorExchange(401, { message: `bad token ${OLD.access_token}` })),
      needs(NEW, errorExchange(400, { message: `bad token ${NEW.access_token}` })),
    ],
  });
  const events = await collect(scene.thread.runTurn("go"));
  expect(events.at(-1)?.type).toBe("turnFailed");
  await scene.thread.close();
  const files = scene.filesBesidesLogin();
  expect(files.length).toBeGreaterThan(5);
  const everything = [...files, JSON.stringify(events)].join("\n");
  for (const tokens of [OLD, NEW]) {
    for (const secret of [tokens.access_token, tokens.refresh_token, tokens.id_token]) {
      expect(everything).not.toContain(secret);
    }
  }
  expect(everything).toContain("req_1");
});
