import { describe, expect, test } from "vitest";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import {
  created,
  errorExchange,
  failedExchange,
  messageExchange,
  rawEvent,
} from "@codex-ts/responses-server";
import type { Exchange, ReceivedRequest } from "@codex-ts/responses-server";
import { endsOf, reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene } from "../support/harness.ts";

const POLICIES = ["0.169", "0.140"] as const;

const response = (events: readonly object[], output?: readonly object[]): Exchange => ({
  requestId: "req_1",
  events: [
    created("resp_1"),
    ...events.map((event) => rawEvent(event as JsonObject)),
    rawEvent({
      type: "response.completed",
      response: { id: "resp_1", ...(output && { output }) },
    } as JsonObject),
  ],
});
const done = (item: object) => ({ type: "response.output_item.done", item });
const inputOf = (request: ReceivedRequest | undefined): readonly JsonObject[] =>
  isJsonObject(request?.body) ? (request.body["input"] as JsonObject[]) : [];
const call = (members: object) => ({
  type: "function_call",
  id: "fc_1",
  call_id: "call_1",
  name: "exec_command",
  ...members,
});

describe.each(POLICIES)(
  "[core/T18] no output of the model is lost without a word, under %s",
  (errorPolicy) => {
    test.each<[string, Exchange, RegExp]>([
      [
        "arguments as an object are run",
        response([done(call({ arguments: { cmd: "echo from-object", login: false } }))]),
        /from-object/,
      ],
      [
        "a call that only the final response has is run",
        response([], [call({ arguments: '{"cmd":"echo from-final","login":false}' })]),
        /from-final/,
      ],
      [
        "a call without arguments is told so",
        response([done(call({}))]),
        /failed to parse function arguments/,
      ],
      [
        "arguments of another kind are told so",
        response([done(call({ arguments: 7 }))]),
        /arguments: expected an object/,
      ],
      [
        "a call without a name is told so",
        response([done({ type: "function_call", call_id: "call_1", arguments: "{}" })]),
        /unsupported call: unknown/,
      ],
    ])("%s", async (_what, exchange, output) => {
      await using scene = await startScene([exchange, messageExchange("Done.")], { errorPolicy });
      const events = await scene.turn("go");
      expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "Done." });
      const input = inputOf(scene.server.requests[1]);
      const answer = input.find((item) => item["type"] === "function_call_output");
      expect(answer).toMatchObject({ call_id: "call_1", output: expect.stringMatching(output) });
      const state = await reduceStrictly(scene.thread);
      expect(endsOf(state)[0]).toEqual(["completed", "resp_1", "req_1", 1]);
    });

    test("a call without an id is answered under one of ours", async () => {
      const nameless = { type: "function_call", name: "exec_command", arguments: "{}" };
      const script = [response([done(nameless)]), messageExchange("Done.")];
      await using scene = await startScene(script, { errorPolicy });
      await scene.turn("go");
      const input = inputOf(scene.server.requests[1]);
      const ids = input.flatMap((item) =>
        typeof item["call_id"] === "string" ? item["call_id"] : [],
      );
      expect(ids).toHaveLength(2);
      expect(new Set(ids).size).toBe(1);
    });

    test.each<[string, Exchange]>([
      [
        "text that only the final response has",
        response(
          [],
          [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Hi." }] }],
        ),
      ],
      [
        "text whose item never ended",
        response([{ type: "response.output_text.delta", delta: "Hi." }]),
      ],
      [
        "content as a text",
        response([done({ type: "message", role: "assistant", content: "Hi." })]),
      ],
      [
        "a refusal",
        response([
          done({
            type: "message",
            role: "assistant",
            content: [{ type: "refusal", refusal: "Hi." }],
          }),
        ]),
      ],
    ])("%s is the answer, in the next prompt as well", async (_what, exchange) => {
      await using scene = await startScene([exchange, messageExchange("Ho.")], { errorPolicy });
      const events = await scene.turn("go");
      expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "Hi." });
      expect(ofType(events, "warning")).toEqual([]);
      await scene.turn("again");
      expect(JSON.stringify(scene.server.requests[1]?.body)).toContain("Hi.");
    });

    test.each<[string, readonly object[], string]>([
      [
        "an item that cannot be read",
        [done({ type: "compaction" })],
        "`compaction` could not be read",
      ],
      [
        "an item that never ended",
        [{ type: "response.output_item.added", item: call({}) }],
        "`function_call` could not be read",
      ],
      [
        "an item of a type nobody knows",
        [done({ type: "brand_new" }), done({ type: "brand_new" })],
        "`brand_new` is of a type",
      ],
    ])("%s is a warning, once", async (_what, events, warning) => {
      await using scene = await startScene([response(events)], { errorPolicy });
      const warnings = ofType(await scene.turn("go"), "warning");
      expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining(warning)]);
    });
  },
);

describe.each(POLICIES)(
  "[core/T19] a failed turn tells what is known of the failure, under %s",
  (errorPolicy) => {
    const ids = { requestId: "req_1", responseId: "resp_1" };

    test.each<[string, Exchange, object]>([
      [
        "a refusal with a fixed text",
        errorExchange(500, { message: "Only 8 GiB are free.", requestId: "req_1" }),
        { status: 500, upstreamRequestId: "req_1", serverMessage: "Only 8 GiB are free." },
      ],
      [
        "a 429",
        errorExchange(429, { message: "Slow down.", requestId: "req_1" }),
        { status: 429, upstreamRequestId: "req_1", serverMessage: "Slow down." },
      ],
      [
        "a failed response with a fixed text",
        failedExchange({ ...ids, code: "insufficient_quota", message: "Pay first." }),
        { upstreamRequestId: "req_1", responseId: "resp_1", serverMessage: "Pay first." },
      ],
      [
        "words before the end",
        {
          requestId: "req_1",
          events: [created("resp_1"), rawEvent({ type: "error", error: { message: "Lost." } })],
        },
        {
          upstreamRequestId: "req_1",
          responseId: "resp_1",
          message: expect.stringContaining("Lost."),
        },
      ],
    ])("%s", async (_what, exchange, facts) => {
      await using scene = await startScene([exchange], {
        errorPolicy,
        providerInfo: { requestMaxRetries: 0, streamMaxRetries: 0 },
      });
      const events = await scene.turn("go");
      expect(events.at(-1)).toMatchObject({ type: "turnFailed", error: facts });
    });
  },
);
