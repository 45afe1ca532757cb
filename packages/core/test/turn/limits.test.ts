import { completed, created, gate, message, messageExchange } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { createThread } from "@codex-ts/core";
import { readRawBundle } from "../support/bundle.ts";
import { collect, ofType, startScene, testModel, testProvider } from "../support/harness.ts";

const nothing = (): Exchange => ({ events: [created(), completed({ endTurn: false })] });
const something = (): Exchange => ({
  events: [created(), message("More."), completed({ endTurn: false })],
});
const times = (count: number, make: () => Exchange): Exchange[] =>
  Array.from({ length: count }, make);

describe("a server that would hold a turn for ever", () => {
  test("[core/limit-no-output] is asked again ten times in a row for nothing, not more", async () => {
    await using scene = await startScene([...times(30, nothing)]);
    const events = await scene.turn("go");
    expect(scene.server.requests).toHaveLength(10);
    expect(ofType(events, "turnFailed")[0]?.error).toMatchObject({
      code: "no_output",
      message: expect.stringContaining("10 times in a row without any output"),
    });
    expect(readRawBundle(scene.thread.bundlePath).of("codex_turn_ended")).toMatchObject([
      // As 0.140 calls it.
      { status: "completed" },
    ]);
  });

  test("[core/limit-no-output] starts to count anew with every output", async () => {
    await using scene = await startScene([
      ...times(9, nothing),
      ...times(12, something),
      ...times(9, nothing),
      messageExchange("Done."),
    ]);
    expect(ofType(await scene.turn("go"), "turnCompleted")).toHaveLength(1);
    expect(scene.server.requests).toHaveLength(31);
  });

  test("[core/limit-requests] gets no more requests of a turn than allowed, retries included", async () => {
    const broken: Exchange = { events: [created()] };
    await using scene = await startScene(
      [broken, ...times(5, something), ...times(1, () => messageExchange("Next."))],
      { turnMaxRequests: 3 },
    );
    const events = await scene.turn("go");
    expect(ofType(events, "turnFailed")[0]?.error).toMatchObject({
      code: "turn_max_requests",
      message: "the turn wants more than 3 requests (turn_max_requests)",
    });
    expect(scene.server.requests).toHaveLength(3);
    // The next turn has its own.
    await scene.turn("on");
    expect(scene.server.requests).toHaveLength(6);
  });

  test.each([false, true])(
    "[core/limit-duration] is left when a response takes too long (WebSocket: %s), and its items stay",
    async (supportsWebsockets) => {
      const slow: Exchange = { events: [created(), message("Half."), gate("never")] };
      await using scene = await startScene([slow, messageExchange("Next.")], {
        streamMaxDurationMs: 300,
        providerInfo: { supportsWebsockets },
      });
      const events = await scene.turn("go");
      expect(ofType(events, "turnFailed")[0]?.error).toMatchObject({
        code: "stream_max_duration",
        message: "the response took longer than 300 ms (stream_max_duration_ms)",
      });
      expect(readRawBundle(scene.thread.bundlePath).of("inference_cancelled")).toHaveLength(1);
      expect(ofType(await scene.turn("on"), "turnCompleted")).toHaveLength(1);
      expect(JSON.stringify(scene.server.requests.at(-1)?.body)).toContain("Half.");
    },
  );

  test("[core/limit-duration] does not count the time of tools, nor a response that is in time", async () => {
    await using scene = await startScene([messageExchange("Done.")], {
      streamMaxDurationMs: 60_000,
    });
    expect(ofType(await collect(scene.thread.runTurn("go")), "turnCompleted")).toHaveLength(1);
  });

  test("[core/limit-options] refuses limits that are none", async () => {
    const options = {
      provider: testProvider("http://127.0.0.1:1"),
      model: testModel(),
      cwd: "/",
      installationId: "11111111-1111-4111-8111-111111111111",
    };
    for (const limits of [
      { turnMaxRequests: 0 },
      { streamMaxDurationMs: Number.NaN },
      { firstResponseTimeoutMs: -1 },
    ]) {
      await expect(createThread({ ...options, ...limits })).rejects.toMatchObject({
        code: "invalid_option",
        message: expect.stringContaining("must be a positive whole number"),
      });
    }
  });
});
