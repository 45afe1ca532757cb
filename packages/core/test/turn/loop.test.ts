import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  completed,
  created,
  customToolCall,
  disconnect,
  functionCall,
  functionCallExchange,
  itemDone,
  message,
  messageExchange,
  reasoning,
  streamExchange,
  streamedMessage,
} from "@codex-ts/responses-server";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { readRawBundle, reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene, testModel } from "../support/harness.ts";
import type { SceneOptions } from "../support/harness.ts";

/** Items of a request, without those every thread begins with. */
function inputOf(request: ReceivedRequest | undefined): JsonObject[] {
  const { body } = request ?? {};
  if (!isJsonObject(body) || !Array.isArray(body["input"])) throw new Error("no input");
  return body["input"].slice(2) as JsonObject[];
}

const exec = (cmd: string, callId: string) =>
  functionCall("exec_command", { cmd, login: false }, callId);

/** The server leaves a search for tools to its client, and calls a tool after it. */
const searchScript = [
  streamExchange([
    itemDone({
      type: "tool_search_call",
      call_id: "call_search",
      status: "completed",
      execution: "client",
      arguments: { query: "anything" },
    }),
    exec("echo beside", "call_1"),
  ]),
  messageExchange("End."),
];

describe("a turn", () => {
  test("[core/T0] tells its events in order: start, request, text, item, end", async () => {
    await using scene = await startScene([
      streamExchange([reasoning({ summary: ["Think."] }), streamedMessage(["Hel", "lo."])]),
    ]);
    const events = await scene.turn("hi");
    expect(events.filter((event) => event.type !== "rawItem")).toMatchObject([
      { type: "turnStarted" },
      { type: "inferenceStarted", inference: { ordinal: 1, model: "gpt-mock" } },
      { type: "itemCompleted", item: { id: "item_0", type: "reasoning", text: "Think." } },
      { type: "agentMessageDelta", itemId: "item_1", delta: "Hel" },
      { type: "agentMessageDelta", itemId: "item_1", delta: "lo." },
      { type: "itemCompleted", item: { id: "item_1", type: "agent_message", text: "Hello." } },
      { type: "inferenceFinished" },
      { type: "tokenCount", info: { total_token_usage: { input_tokens: 10 } } },
      { type: "turnCompleted", lastAgentMessage: "Hello.", usage: { input_tokens: 10 } },
    ]);
  });

  test("[core/T1] records tool outputs in the order of the calls, whichever ends first", async () => {
    await using scene = await startScene([
      streamExchange([
        // Waits until the other one is gone for good: a process that was not waited for still takes signals.
        exec(
          "until [ -s second ] && ! kill -0 $(cat second) 2> /dev/null; do sleep 0.01; done; echo slow",
          "call_slow",
        ),
        exec("echo fast; echo $$ > second", "call_fast"),
      ]),
      messageExchange("Both done."),
    ]);
    const events = await scene.turn("go");
    expect(inputOf(scene.server.requests[1])).toMatchObject([
      { type: "function_call", call_id: "call_slow" },
      { type: "function_call", call_id: "call_fast" },
      {
        type: "function_call_output",
        call_id: "call_slow",
        output: expect.stringMatching(/slow\n$/),
      },
      {
        type: "function_call_output",
        call_id: "call_fast",
        output: expect.stringMatching(/fast\n$/),
      },
    ]);
    const ended = ofType(events, "itemCompleted").map(({ item }) => item);
    expect(ended).toMatchObject([
      { type: "command_execution", aggregated_output: "fast\n" },
      { type: "command_execution", aggregated_output: "slow\n" },
      { type: "agent_message" },
    ]);
  });

  test("[core/T2] runs a call whose stream broke, and shows its output to the retry", async () => {
    await using scene = await startScene([
      { events: [created(), exec("echo kept", "call_1"), disconnect()] },
      messageExchange("Saw it."),
    ]);
    const events = await scene.turn("go");
    expect(inputOf(scene.server.requests[1])).toMatchObject([
      { type: "function_call", call_id: "call_1" },
      { type: "function_call_output", output: expect.stringContaining("kept") },
    ]);
    expect(events.at(-1)?.type).toBe("turnCompleted");
  });

  test("[core/T3] asks again when the response says that its turn is not over", async () => {
    await using scene = await startScene([
      { events: [created(), message("Part one."), completed({ endTurn: false })] },
      messageExchange("Part two."),
    ]);
    const events = await scene.turn("go");
    expect(scene.server.requests).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted", lastAgentMessage: "Part two." });
  });

  test("[core/T6] answers calls of unknown tools and goes on", async () => {
    await using scene = await startScene([
      streamExchange([
        functionCall("no_such_tool", { a: 1 }, "call_1"),
        customToolCall("no_such_custom", "free text", "call_2"),
      ]),
      messageExchange("None of them exist."),
    ]);
    const events = await scene.turn("go");
    expect(inputOf(scene.server.requests[1]).slice(2)).toEqual([
      {
        type: "function_call_output",
        call_id: "call_1",
        output: "unsupported call: no_such_tool",
      },
      {
        type: "custom_tool_call_output",
        call_id: "call_2",
        output: "unsupported custom tool call: no_such_custom",
      },
    ]);
    expect(events.at(-1)?.type).toBe("turnCompleted");
    const bundle = readRawBundle(scene.thread.bundlePath);
    expect(bundle.of("tool_call_started")).toHaveLength(2);
    expect(bundle.of("tool_call_ended").map((event) => event.status)).toEqual(["failed", "failed"]);
  });

  test("[core/T6-kind] leaves a call in the form of the other kind unanswered: the prompt says aborted", async () => {
    await using scene = await startScene([
      streamExchange([customToolCall("exec_command", "echo x", "call_1")]),
      messageExchange("Hm."),
    ]);
    await scene.turn("go");
    expect(inputOf(scene.server.requests[1])).toMatchObject([
      { type: "custom_tool_call" },
      { type: "custom_tool_call_output", call_id: "call_1", output: "aborted" },
    ]);
  });

  test("[core/T6-search] answers a search for tools that is left to the client after all calls, with nothing found", async () => {
    await using scene = await startScene(searchScript, {}, 1);
    await scene.turn("go");
    expect(inputOf(scene.server.requests[1])).toMatchObject([
      { type: "tool_search_call", call_id: "call_search" },
      { type: "function_call", call_id: "call_1" },
      {
        type: "tool_search_output",
        call_id: "call_search",
        status: "completed",
        execution: "client",
        tools: [],
      },
      { type: "function_call_output", call_id: "call_1" },
    ]);
    const state = await reduceStrictly(scene.thread);
    expect(state.tool_calls).toMatchObject({
      call_search: { execution: { status: "failed" } },
      call_1: { execution: { status: "completed" } },
    });
  });

  test("[core/T6-search-schema2] a bundle of schema 2 with such a search can be reduced", async () => {
    await using scene = await startScene(searchScript);
    await scene.turn("go");
    expect((await reduceStrictly(scene.thread)).tool_calls).toHaveProperty("call_search");
  });

  test("[core/T6-args] tells the model about arguments it cannot use, and the turn goes on", async () => {
    await using scene = await startScene([
      streamExchange([functionCall("exec_command", '{"cmd":"ec', "call_1")]),
      messageExchange("Sorry."),
    ]);
    const events = await scene.turn("go");
    expect(inputOf(scene.server.requests[1])[1]).toMatchObject({
      output: expect.stringMatching(/^failed to parse function arguments: /),
    });
    expect(ofType(events, "itemStarted")).toEqual([]);
  });

  test("[core/X1-items] the trace has the directory a command ran in, not the one of its thread", async () => {
    await using scene = await startScene([
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "pwd", workdir: "/", login: false },
        callId: "call_1",
      }),
      messageExchange("End."),
    ]);
    await scene.turn("go");
    const { terminal_operations: operations } = await reduceStrictly(scene.thread);
    expect(Object.values(operations)).toMatchObject([{ request: { cwd: "/" } }]);
  });

  test.each<Pick<SceneOptions, "sandboxMode" | "approvalPolicy" | "env">>([
    // Without the program that sandboxes, which this machine may have.
    { sandboxMode: "read-only", approvalPolicy: "never", env: { PATH: "/nowhere" } },
    { sandboxMode: "danger-full-access", approvalPolicy: "untrusted" },
  ])(
    "[core/T11] answers a command nobody can allow with a refusal, and the turn goes on: %o",
    async (options) => {
      await using scene = await startScene(
        [streamExchange([exec("touch made", "call_1")]), messageExchange("Not allowed, then.")],
        options,
      );
      const events = await scene.turn("go");
      expect(existsSync(`${scene.folder}/made`)).toBe(false);
      expect(inputOf(scene.server.requests[1])[1]).toMatchObject({
        output: expect.stringContaining("--dangerously-bypass-approvals-and-sandbox"),
      });
      expect(ofType(events, "itemCompleted")[0]?.item).toMatchObject({
        type: "command_execution",
        status: "declined",
      });
      expect(events.at(-1)?.type).toBe("turnCompleted");
    },
  );

  test.each([
    [
      ["text", "image"],
      { type: "input_image", image_url: "data:image/png;base64,AA", detail: "high" },
    ],
    [["text"], { type: "input_text", text: expect.stringContaining("image content omitted") }],
  ] as const)(
    "[core/T17] shows texts and images in their order to a model of %o",
    async (modalities, image) => {
      await using scene = await startScene([messageExchange("A cat.")], {
        model: testModel({ input_modalities: modalities }),
      });
      await scene.turn([
        { type: "text", text: "what is" },
        { type: "image", image_url: "data:image/png;base64,AA" },
        { type: "text", text: "this?" },
      ]);
      const { body } = scene.server.requests[0] ?? {};
      expect(isJsonObject(body) && (body["input"] as JsonObject[]).at(-1)).toEqual({
        type: "message",
        role: "user",
        content: [
          { type: "input_text", text: "what is" },
          image,
          { type: "input_text", text: "this?" },
        ],
      });
    },
  );

  test("[core/T12] sends the first context once and the whole history later", async () => {
    await using scene = await startScene([messageExchange("One."), messageExchange("Two.")]);
    await scene.turn("first");
    const events = await scene.turn("second");
    expect(inputOf(scene.server.requests[1])).toMatchObject([
      { role: "assistant", content: [{ text: "One." }] },
      { role: "user", content: [{ text: "second" }] },
    ]);
    expect(events.at(-1)).toMatchObject({ usage: { input_tokens: 20, output_tokens: 10 } });
  });

  test("[core/T13] notes once that another model answers", async () => {
    await using scene = await startScene([
      messageExchange("One.", { headers: { "openai-model": "other-model" } }),
      messageExchange("Two.", { headers: { "openai-model": "other-model" } }),
    ]);
    const first = await scene.turn("a");
    expect(ofType(first, "warning")).toEqual([
      { type: "warning", message: "model rerouted: gpt-mock -> other-model" },
    ]);
    expect(ofType(await scene.turn("b"), "warning")).toEqual([]);
  });

  test("[core/models-etag] tells the application which list of models a response names", async () => {
    const etags: string[] = [];
    await using scene = await startScene(
      [messageExchange("One.", { headers: { "x-models-etag": '"e2"' } })],
      {
        onModelsEtag: (etag) => {
          etags.push(etag);
          throw new Error("a listener that fails");
        },
      },
    );
    const events = await scene.turn("a");
    expect(events.at(-1)).toMatchObject({ type: "turnCompleted" });
    expect(etags).toEqual(['"e2"']);
  });

  test("[core/C1] sends the turn state of the first response back until the turn ends", async () => {
    const state = (value: string) => ({ headers: { "x-codex-turn-state": value } });
    await using scene = await startScene([
      streamExchange([exec("true", "call_1")], state("ts-0")),
      streamExchange([exec("true", "call_2")], state("ts-1")),
      messageExchange("End.", state("ts-2")),
      messageExchange("Next."),
    ]);
    await scene.turn("one");
    await scene.turn("two");
    const sent = scene.server.requests.map(
      (request) => request.headers.find(([name]) => name === "x-codex-turn-state")?.[1],
    );
    expect(sent).toEqual([undefined, "ts-0", "ts-0", undefined]);
  });

  test("[core/T15] effort, summary and tier of a turn are those of its requests, and the thread's again in the next", async () => {
    await using scene = await startScene(
      [streamExchange([exec("true", "call_1")]), messageExchange("One."), messageExchange("Two.")],
      {
        reasoningEffort: "high",
        model: testModel({
          service_tiers: [{ id: "priority", name: "Fast", description: "" }],
        }),
      },
    );
    await scene.turn("a", {
      reasoningEffort: "low",
      reasoningSummary: "detailed",
      serviceTier: "priority",
    });
    await scene.turn("b");
    expect(
      scene.server.requests.map(
        ({ body }) => isJsonObject(body) && [body["reasoning"], body["service_tier"]],
      ),
    ).toEqual([
      [{ effort: "low", summary: "detailed" }, "priority"],
      [{ effort: "low", summary: "detailed" }, "priority"],
      [{ effort: "high", summary: "auto" }, undefined],
    ]);
  });

  test("[core/T15] a turn can take back the tier of its thread", async () => {
    await using scene = await startScene([messageExchange("One."), messageExchange("Two.")], {
      serviceTier: "priority",
      model: testModel({ service_tiers: [{ id: "priority", name: "Fast", description: "" }] }),
    });
    await scene.turn("a");
    await scene.turn("b", { serviceTier: null });
    const tiers = scene.server.requests.map(
      ({ body }) => isJsonObject(body) && body["service_tier"],
    );
    expect(tiers).toEqual(["priority", undefined]);
  });

  test("[core/S1-9] extras of a turn are in its metadata and gone in the next", async () => {
    await using scene = await startScene([
      streamExchange([exec("true", "call_1")]),
      messageExchange("One."),
      messageExchange("Two."),
    ]);
    await scene.turn("a", { clientMetadata: { fiber_run_id: "7", turn_id: "spoofed" } });
    await scene.turn("b");
    const blobs = scene.server.requests.map((request) =>
      JSON.parse(request.headers.find(([name]) => name === "x-codex-turn-metadata")?.[1] ?? "null"),
    );
    expect(blobs.map((blob) => blob.fiber_run_id)).toEqual(["7", "7", undefined]);
    for (const blob of blobs) expect(blob.turn_id).not.toBe("spoofed");
  });
});
