import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ToolError, createThread, defineTool } from "@codex-ts/core";
import type { Tool, TurnEvent } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { Exchange, Script } from "@codex-ts/responses-server";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { readRawBundle, reduceStrictly } from "../../support/bundle.ts";
import { ofType, startScene, testModel, testProvider } from "../../support/harness.ts";
import type { Scene, SceneOptions } from "../../support/harness.ts";
import { writeToolBundles } from "../../support/tool-bundles.ts";

const TINY_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** The server calls these, then ends the turn. */
const calling = (...calls: Parameters<typeof streamExchange>[0]): Exchange[] => [
  streamExchange(calls),
  messageExchange("Done."),
];

/** The requests of the turn; over WebSocket there is a warm-up before. */
function bodies(scene: Scene): JsonObject[] {
  return scene.server.requests.flatMap(({ body }) =>
    isJsonObject(body) && body["generate"] !== false ? [body] : [],
  );
}

/** The outputs in the second request, which both transports send. */
function outputs(scene: Scene): JsonObject[] {
  const input = (bodies(scene)[1]?.["input"] ?? []) as JsonObject[];
  return input.filter((item) => item["type"] === "function_call_output");
}

const toolItems = (events: readonly TurnEvent[]): unknown[] =>
  events.flatMap((event) =>
    (event.type === "itemStarted" || event.type === "itemCompleted") &&
    event.item.type === "dynamic_tool_call"
      ? [{ event: event.type, ...event.item }]
      : [],
  );

const weather = defineTool({
  name: "get_weather",
  description: "Weather of a city, now.",
  parameters: z.object({
    city: z.string().describe("Name in English."),
    unit: z.enum(["C", "F"]).default("C"),
  }),
  execute: ({ city, unit }) => `${city}: 7 ${unit}`,
});

const oslo = functionCall("get_weather", { city: "Oslo" }, "call_1");

describe.each([
  { transport: "http", supportsWebsockets: false },
  { transport: "websocket", supportsWebsockets: true },
])("a tool of the application, over $transport", ({ transport, supportsWebsockets }) => {
  const start = (script: Script, tools: readonly Tool[], options: SceneOptions = {}) =>
    startScene(script, { ...options, tools, providerInfo: { supportsWebsockets } });

  test("[core/tools-offered] [core/tools-run] is offered after the built-in ones, gets checked arguments, and is shown and traced", async () => {
    const seen: unknown[] = [];
    const spy = defineTool({
      name: "get_weather",
      description: "Weather of a city, now.",
      parameters: z.object({
        city: z.string().describe("Name in English."),
        unit: z.enum(["C", "F"]).default("C"),
      }),
      execute(args, context) {
        seen.push(args, { ...context, signal: context.signal.aborted });
        return `${args.city}: 7 ${args.unit}`;
      },
    });
    await using scene = await start(calling(oslo), [spy]);
    const events = await scene.turn("go");
    expect(scene.server.requests[0]?.transport).toBe(transport);
    const tools = bodies(scene)[0]?.["tools"] as JsonObject[];
    expect(tools[0]).toMatchObject({ name: "exec_command" });
    expect(tools.at(-1)).toEqual({
      type: "function",
      name: "get_weather",
      description: "Weather of a city, now.",
      strict: false,
      parameters: {
        type: "object",
        properties: {
          city: { type: "string", description: "Name in English." },
          unit: { type: "string", enum: ["C", "F"], default: "C" },
        },
        required: ["city"],
      },
    });
    const [turn] = ofType(events, "turnStarted");
    expect(seen).toEqual([
      { city: "Oslo", unit: "C" },
      { callId: "call_1", turnId: turn?.turnId, cwd: scene.folder, signal: false },
    ]);
    expect(outputs(scene)).toEqual([
      { type: "function_call_output", call_id: "call_1", output: "Oslo: 7 C" },
    ]);
    const item = {
      id: "item_0",
      type: "dynamic_tool_call",
      tool: "get_weather",
      arguments: { city: "Oslo" },
    };
    expect(toolItems(events)).toEqual([
      { event: "itemStarted", ...item, content_items: null, status: "in_progress" },
      {
        event: "itemCompleted",
        ...item,
        content_items: [{ type: "input_text", text: "Oslo: 7 C" }],
        status: "completed",
      },
    ]);
    expect(events.at(-1)?.type).toBe("turnCompleted");
    const bundle = readRawBundle(scene.thread.bundlePath);
    const [began] = bundle.of("tool_call_started");
    const [ended] = bundle.of("tool_call_ended");
    expect(began).toMatchObject({
      tool_call_id: "call_1",
      requester: { type: "model" },
      kind: { type: "other", name: "get_weather" },
      summary: { label: "get_weather", input_preview: '{"city":"Oslo"}' },
    });
    expect(bundle.payload(ended?.result_payload)).toEqual({
      type: "direct_response",
      response_item: { type: "function_call_output", call_id: "call_1", output: "Oslo: 7 C" },
    });
    expect(bundle.of("tool_call_runtime_started")).toEqual([]);
    const state = await reduceStrictly(scene.thread);
    expect(state.tool_calls).toMatchObject({ call_1: { execution: { status: "completed" } } });
  });

  test.each([
    ['{"city":', /^failed to parse function arguments: .*JSON/],
    ["[1]", /^failed to parse function arguments: expected an object$/],
    [{}, /^failed to parse function arguments: `city`: .*expected string/],
    [{ city: "Oslo", unit: "K" }, /^failed to parse function arguments: `unit`: .*"C"\|"F"/],
  ])(
    "[core/tools-invalid] tells the model what is wrong with the arguments %j, and shows nothing",
    async (args, text) => {
      await using scene = await start(calling(functionCall("get_weather", args, "call_1")), [
        weather,
      ]);
      const events = await scene.turn("go");
      expect(outputs(scene)).toMatchObject([{ output: expect.stringMatching(text) }]);
      expect(toolItems(events)).toEqual([]);
      expect(events.at(-1)?.type).toBe("turnCompleted");
      const bundle = readRawBundle(scene.thread.bundlePath);
      expect(bundle.payload(bundle.of("tool_call_ended")[0]?.result_payload)).toEqual({
        type: "error",
        error: expect.stringMatching(text),
      });
      const state = await reduceStrictly(scene.thread);
      expect(state.tool_calls).toMatchObject({ call_1: { execution: { status: "failed" } } });
    },
  );

  test("[core/tools-failure] a ToolError is what the model reads, and the call is a failed one", async () => {
    const refuse = defineTool({
      name: "get_weather",
      description: "Weather of a city, now.",
      parameters: z.object({ city: z.string() }),
      execute({ city }): string {
        throw new ToolError(`there is no city ${city}`);
      },
    });
    await using scene = await start(calling(oslo), [refuse]);
    const events = await scene.turn("go");
    expect(outputs(scene)).toMatchObject([{ output: "there is no city Oslo" }]);
    expect(toolItems(events)).toMatchObject([
      { event: "itemStarted" },
      {
        event: "itemCompleted",
        status: "failed",
        content_items: [{ type: "input_text", text: "there is no city Oslo" }],
      },
    ]);
    const bundle = readRawBundle(scene.thread.bundlePath);
    const [ended] = bundle.of("tool_call_ended");
    expect(ended?.status).toBe("failed");
    expect(bundle.payload(ended?.result_payload)).toMatchObject({ type: "direct_response" });
    const state = await reduceStrictly(scene.thread);
    expect(state.tool_calls).toMatchObject({ call_1: { execution: { status: "failed" } } });
  });

  test("[core/tools-throw] of any other error the model reads the name alone, the application all", async () => {
    const thrown: unknown[] = [];
    const broken = defineTool({
      name: "get_weather",
      description: "Weather of a city, now.",
      parameters: z.object({ city: z.string() }),
      execute(): string {
        throw new TypeError("no host in https://user:s3cret@weather.invalid");
      },
      onError(error, { callId }) {
        thrown.push([callId, error]);
        throw new Error("the log is full");
      },
    });
    await using scene = await start(calling(oslo), [broken]);
    const events = await scene.turn("go");
    expect(outputs(scene)).toMatchObject([
      { output: "get_weather failed with an unexpected error (TypeError)" },
    ]);
    expect(thrown).toEqual([["call_1", expect.any(TypeError)]]);
    expect(toolItems(events)).toMatchObject([{}, { status: "failed" }]);
    expect(events.at(-1)?.type).toBe("turnCompleted");
    const state = JSON.stringify([events, await reduceStrictly(scene.thread)]);
    expect(state).not.toMatch(/s3cret|dynamic-tools\.test/);
  });

  test.each(["listens to the signal", "ignores the signal"])(
    "[core/tools-abort] an abort ends the call of a tool that %s, and the thread goes on",
    async (how) => {
      const abort = new AbortController();
      const slow = defineTool({
        name: "get_weather",
        description: "Weather of a city, now.",
        parameters: z.object({ city: z.string() }),
        execute: (_args, { signal }) =>
          new Promise<string>((_resolve, reject) => {
            if (how.startsWith("listens")) {
              signal.addEventListener("abort", () => reject(new Error("stopped, s3cret")));
            }
            abort.abort();
          }),
      });
      await using scene = await start([streamExchange([oslo]), messageExchange("Next.")], [slow]);
      const events = await scene.turn("go", { signal: abort.signal });
      expect(events.at(-1)?.type).toBe("turnAborted");
      const text = expect.stringMatching(/^aborted by user after \d+\.\ds$/);
      expect(toolItems(events)).toMatchObject([
        { event: "itemStarted" },
        {
          event: "itemCompleted",
          status: "failed",
          content_items: [{ type: "input_text", text }],
        },
      ]);
      expect((await scene.turn("again")).at(-1)?.type).toBe("turnCompleted");
      expect(outputs(scene)).toMatchObject([{ output: text }]);
      const state = await reduceStrictly(scene.thread);
      expect(state.tool_calls).toMatchObject({ call_1: { execution: { status: "cancelled" } } });
    },
  );

  test.each([
    { parallel: true, order: ["begin a", "begin b", "end b", "end a"] },
    { parallel: false, order: ["begin a", "end a", "begin b", "end b"] },
  ])(
    "[core/tools-parallel] two calls of a tool with parallel: $parallel run in this order: $order",
    async ({ parallel, order }) => {
      const log: string[] = [];
      const note = defineTool({
        name: "note",
        description: "Notes an id.",
        parameters: z.object({ id: z.enum(["a", "b"]) }),
        parallel,
        async execute({ id }) {
          log.push(`begin ${id}`);
          if (id === "a" && parallel) await waitFor(() => log.includes("end b"));
          else await new Promise((resolve) => setImmediate(resolve));
          log.push(`end ${id}`);
          return id;
        },
      });
      await using scene = await start(
        calling(
          functionCall("note", { id: "a" }, "call_a"),
          functionCall("note", { id: "b" }, "call_b"),
        ),
        [note],
      );
      const events = await scene.turn("go");
      expect(log).toEqual(order);
      expect(outputs(scene)).toMatchObject([
        { call_id: "call_a", output: "a" },
        { call_id: "call_b", output: "b" },
      ]);
      expect(toolItems(events)).toMatchObject(
        order.map((line) => ({
          event: line.startsWith("begin") ? "itemStarted" : "itemCompleted",
          arguments: { id: line.at(-1) },
        })),
      );
      const state = await reduceStrictly(scene.thread);
      const calls = ["call_a", "call_b"].map((id) => state.tool_calls[id]?.execution);
      expect(calls).toMatchObject([{ status: "completed" }, { status: "completed" }]);
      const [a, b] = calls;
      expect((a?.ended_seq ?? 0) > (b?.ended_seq ?? 0)).toBe(parallel);
    },
  );

  test.each([
    { image: { data: Buffer.from(TINY_PNG, "base64"), mimeType: "image/png" } },
    { image: { image_url: `data:image/png;base64,${TINY_PNG}`, detail: "low" as const } },
  ])("[core/tools-image] a text and an image reach the model in their order", async ({ image }) => {
    const plot = defineTool({
      name: "plot",
      description: "Draws.",
      parameters: z.object({}),
      execute: () => [
        { type: "text", text: "A plot:" },
        { type: "image", ...image },
      ],
    });
    await using scene = await start(calling(functionCall("plot", {}, "call_1")), [plot]);
    const events = await scene.turn("go");
    const url = `data:image/png;base64,${TINY_PNG}`;
    expect(outputs(scene)).toMatchObject([
      {
        output: [
          { type: "input_text", text: "A plot:" },
          {
            type: "input_image",
            image_url: url,
            detail: "detail" in image ? image.detail : "high",
          },
        ],
      },
    ]);
    expect(toolItems(events)[1]).toMatchObject({
      status: "completed",
      content_items: [
        { type: "input_text", text: "A plot:" },
        { type: "input_image", image_url: url },
      ],
    });
    const state = await reduceStrictly(scene.thread);
    expect(state.tool_calls).toMatchObject({ call_1: { execution: { status: "completed" } } });
  });
});

describe("a tool of the application", () => {
  test("[core/tools-budget] its texts are shortened to the model's budget, in the request, the item and the trace", async () => {
    const flood = defineTool({
      name: "flood",
      description: "Prints.",
      parameters: { type: "object", properties: {} },
      execute: () => `${"a".repeat(50_000)}${"b".repeat(50_000)}`,
    });
    await using scene = await startScene(calling(functionCall("flood", {}, "call_1")), {
      tools: [flood],
      model: testModel({ truncation_policy: { mode: "bytes", limit: 1000 } }),
    });
    const events = await scene.turn("go");
    const text = `${"a".repeat(500)}…99000 chars truncated…${"b".repeat(500)}`;
    expect(outputs(scene)).toMatchObject([{ output: text }]);
    expect(toolItems(events)[1]).toMatchObject({ content_items: [{ type: "input_text", text }] });
    const bundle = readRawBundle(scene.thread.bundlePath);
    expect(bundle.payload(bundle.of("tool_call_ended")[0]?.result_payload)).toMatchObject({
      response_item: { output: text },
    });
  });

  test.each([
    ["deeply nested", `{"city":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "128 levels deep"],
    ["with __proto__", '{"city":"Oslo","__proto__":{"isAdmin":true}}', "`__proto__`"],
    ["with __proto__ inside", '{"city":[{"__proto__":{"isAdmin":true}}]}', "`__proto__`"],
    [
      "with many unknown members",
      `{${Array.from({ length: 20_000 }, (_, i) => `"${i}${"x".repeat(10)}":1`).join(",")}}`,
      "Unrecognized keys",
    ],
  ])("[core/tools-hostile] arguments %s are a text for the model", async (_what, args, text) => {
    const strict = defineTool({
      name: "get_weather",
      description: "Weather of a city, now.",
      parameters: z.strictObject({ city: z.any() }),
      execute: () => "run",
    });
    await using scene = await startScene(calling(functionCall("get_weather", args, "call_1")), {
      tools: [strict],
    });
    const events = await scene.turn("go");
    expect(outputs(scene)).toMatchObject([{ output: expect.stringContaining(text) }]);
    expect(JSON.stringify(outputs(scene)).length).toBeLessThan(2000);
    expect(toolItems(events)).toEqual([]);
    expect(events.at(-1)?.type).toBe("turnCompleted");
    await reduceStrictly(scene.thread);
  });

  test.each(["send_message", "spawn_agent", "wait_agent", "apply_patch", "web_search", "exec"])(
    "[core/tools-names-of-codex] one named %s like a tool of Codex is recorded in a bundle that can be reduced",
    async (name) => {
      const tool = defineTool({
        name,
        description: "Something else.",
        parameters: z.object({}),
        execute: () => "fine",
      });
      await using scene = await startScene(calling(functionCall(name, {}, "call_1")), {
        tools: [tool],
      });
      await scene.turn("go");
      expect(outputs(scene)).toMatchObject([{ output: "fine" }]);
      const state = await reduceStrictly(scene.thread);
      expect(state.tool_calls).toMatchObject({ call_1: { execution: { status: "completed" } } });
    },
  );

  test.each([
    ["get weather", "letters, digits"],
    ["", "letters, digits"],
    ["wetter_für", "letters, digits"],
    ["a".repeat(129), "1 to 128"],
    ["exec_command", "built-in tool"],
    ["write_stdin", "built-in tool"],
    ["mcp__weather", "MCP"],
  ])("[core/tools-names] createThread refuses the name `%s`", async (name, reason) => {
    const tool = { ...weather, name };
    await expect(
      createThread({
        provider: testProvider("http://127.0.0.1:9"),
        model: testModel(),
        cwd: "/",
        installationId: "11111111-1111-4111-8111-111111111111",
        tools: [tool],
      }),
    ).rejects.toMatchObject({
      name: "ThreadError",
      code: "invalid_option",
      message: expect.stringMatching(new RegExp(`${reason}.*rename`)),
    });
  });

  test("[core/tools-names] createThread refuses two tools of one name", async () => {
    await expect(
      createThread({
        provider: testProvider("http://127.0.0.1:9"),
        model: testModel(),
        cwd: "/",
        installationId: "11111111-1111-4111-8111-111111111111",
        tools: [weather, weather],
      }),
    ).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("two tools"),
    });
  });
});

test.each([1, 2] as const)(
  "[core/tools-bundle] what all kinds of calls leave in a bundle of schema %i can be reduced",
  async (schemaVersion) => {
    await using directory = await temporaryDirectory();
    const bundles = await writeToolBundles({ root: `${directory.path}/traces`, schemaVersion });
    for (const { name, path } of bundles) {
      const { state } = await reduceBundle(openBundle(path), { mode: "strict" });
      const statusOf = (id: string): string | undefined =>
        state.tool_calls[`call_${id}`]?.execution.status;
      expect(["1", "2", "3", "4", "5", "6", "7", "8"].map(statusOf)).toEqual([
        "completed",
        "completed",
        "failed",
        "failed",
        schemaVersion === 1 ? undefined : "completed",
        "failed",
        "failed",
        // As each generation ends a call the user stopped.
        name.endsWith("as 0.140") ? "cancelled" : "aborted",
      ]);
      expect(statusOf("spawn_agent")).toBe("completed");
    }
  },
);
