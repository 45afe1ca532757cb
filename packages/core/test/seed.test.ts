import { describe, expect, test } from "vitest";
import {
  completed,
  created,
  disconnect,
  errorExchange,
  functionCallExchange,
  gate,
  hang,
  message,
  messageExchange,
} from "@codex-ts/responses-server";
import { readRawBundle } from "./support/bundle.ts";
import { ofType, startScene } from "./support/harness.ts";

describe("the two ids of a request", () => {
  test("[core/S0-8] x-request-id is read from the headers of each answer and stays apart from response.id", async () => {
    await using scene = await startScene([
      functionCallExchange(
        { name: "exec_command", args: { cmd: "echo one", login: false }, callId: "call_1" },
        { requestId: "req_first", responseId: "resp_first" },
      ),
      messageExchange("Done.", { requestId: "req_second", responseId: "resp_second" }),
    ]);
    const events = await scene.turn("go");
    const ids = ofType(events, "inferenceFinished").map(({ inference }) => [
      inference.ordinal,
      inference.status,
      inference.responseId,
      inference.upstreamRequestId,
      inference.toolCalls,
    ]);
    expect(ids).toEqual([
      [1, "completed", "resp_first", "req_first", ["exec_command"]],
      [2, "completed", "resp_second", "req_second", []],
    ]);
    await scene.thread.close();
    const bundle = readRawBundle(scene.thread.bundlePath);
    const done = bundle.of("inference_completed");
    expect(done.map((event) => [event.response_id, event.upstream_request_id])).toEqual([
      ["resp_first", "req_first"],
      ["resp_second", "req_second"],
    ]);
    expect(bundle.payload(done[0]?.response_payload)).toMatchObject({
      response_id: "resp_first",
      upstream_request_id: "req_first",
      output_items: [{ type: "function_call", call_id: "call_1" }],
    });
    expect(scene.server.unexpectedRequests).toEqual([]);
  });

  test("[core/S0-9b] a stream cut after one item fails with its id and the partial item", async () => {
    await using scene = await startScene(
      [
        { requestId: "req_cut", events: [created(), message("Half.", "msg_half"), disconnect()] },
        messageExchange("Whole.", { requestId: "req_whole", responseId: "resp_whole" }),
      ],
      { providerInfo: { streamMaxRetries: 1 } },
    );
    const events = await scene.turn("go");
    expect(
      ofType(events, "inferenceFinished").map(({ inference }) => [
        inference.status,
        inference.responseId,
        inference.upstreamRequestId,
      ]),
    ).toEqual([
      ["failed", undefined, "req_cut"],
      ["completed", "resp_whole", "req_whole"],
    ]);
    const bundle = readRawBundle(scene.thread.bundlePath);
    const [failed] = bundle.of("inference_failed");
    expect(failed).toMatchObject({ upstream_request_id: "req_cut" });
    expect(bundle.payload(failed?.partial_response_payload)).toMatchObject({
      response_id: null,
      upstream_request_id: "req_cut",
      output_items: [{ id: "msg_half" }],
    });
    // What was finished before the break is in the next prompt.
    expect(JSON.stringify(scene.server.requests[1]?.body)).toContain("Half.");
  });

  test("[core/S0-11] a consumer that leaves early gives a cancelled inference that keeps id and partial item", async () => {
    await using scene = await startScene([
      { requestId: "req_left", events: [created(), message("One.", "msg_one"), hang()] },
    ]);
    for await (const event of scene.thread.runTurn("go")) {
      if (event.type === "itemCompleted") break;
    }
    const bundle = readRawBundle(scene.thread.bundlePath);
    const [cancelled] = bundle.of("inference_cancelled");
    expect(cancelled).toMatchObject({
      upstream_request_id: "req_left",
      reason: "response stream dropped before provider terminal event",
    });
    expect(bundle.payload(cancelled?.partial_response_payload).output_items).toMatchObject([
      { id: "msg_one" },
    ]);
    expect(bundle.of("codex_turn_ended")).toMatchObject([{ status: "cancelled" }]);
    expect(bundle.of("history_item_accepted").map((event) => event.item_id)).toEqual(["msg_one"]);
  });

  test("[core/S0-10] a request refused before any response fails with the id of the refusal and no payload", async () => {
    await using scene = await startScene(
      [
        errorExchange(500, { requestId: "req_500_a" }),
        errorExchange(500, { requestId: "req_500_b" }),
        errorExchange(400, { requestId: "req_400", message: "Bad." }),
      ],
      { providerInfo: { requestMaxRetries: 1, streamMaxRetries: 1 } },
    );
    const events = await scene.turn("go");
    const failed = readRawBundle(scene.thread.bundlePath).of("inference_failed");
    expect(
      failed.map((event) => [event.upstream_request_id, event.partial_response_payload]),
    ).toEqual([
      ["req_500_b", null],
      ["req_400", null],
    ]);
    expect(ofType(events, "turnFailed")).toMatchObject([
      { error: { code: "invalid_request", status: 400, upstreamRequestId: "req_400" } },
    ]);
  });

  test("[core/S0-11b] a request given up before its answer is cancelled", async () => {
    await using scene = await startScene([
      { requestId: "req_never", beforeStatus: [gate("asked"), hang()], events: [] },
    ]);
    const abort = new AbortController();
    const reading = scene.turn("go", { signal: abort.signal });
    await scene.server.waitForGate("asked");
    abort.abort();
    expect((await reading).at(-1)?.type).toBe("turnAborted");
    const bundle = readRawBundle(scene.thread.bundlePath);
    expect(bundle.of("inference_cancelled")).toMatchObject([
      { upstream_request_id: null, partial_response_payload: null },
    ]);
  });

  test("[core/S0-8b] an answer without the header has no upstream id, and the response id does not fill it", async () => {
    await using scene = await startScene([
      messageExchange("Hi.", { responseId: "resp_1", requestId: null }),
    ]);
    const events = await scene.turn("go");
    expect(ofType(events, "inferenceFinished")[0]?.inference).toMatchObject({
      responseId: "resp_1",
      upstreamRequestId: undefined,
    });
    expect(readRawBundle(scene.thread.bundlePath).of("inference_completed")).toMatchObject([
      { response_id: "resp_1", upstream_request_id: null },
    ]);
  });

  test("[core/S0-8c] the id of the transport's last attempt counts when it retried by itself", async () => {
    await using scene = await startScene([
      errorExchange(500, { requestId: "req_bad" }),
      { requestId: "req_good", events: [created("resp_1"), message("Up."), completed()] },
    ]);
    await scene.turn("go");
    const bundle = readRawBundle(scene.thread.bundlePath);
    expect(bundle.of("inference_started")).toHaveLength(1);
    expect(bundle.of("inference_completed")).toMatchObject([
      { response_id: "resp_1", upstream_request_id: "req_good" },
    ]);
  });
});
