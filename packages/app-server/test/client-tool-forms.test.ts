import { messageExchange, streamExchange, itemDone } from "@codex-ts/responses-server";
import { fallbackModelInfo } from "@codex-ts/model-provider";
import { expect, test } from "vitest";
import { startScene } from "./support/client.ts";
import type { Scene } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

const object = { type: "object", properties: { a: { type: "string" } } };
const tool = (name: string, inputSchema: unknown = object, more: object = {}): object => ({
  name,
  description: "d",
  inputSchema,
  ...more,
});
const group = (name: string, ...tools: object[]): object => ({
  type: "namespace",
  name,
  description: "nd",
  tools,
});

/** The definitions of those tools in the first request. */
function definitions(scene: Scene, ...names: string[]): unknown[] {
  const body = scene.api.requests[0]?.body as { tools: { name: string }[] } | undefined;
  return (body?.tools ?? []).filter(({ name }) => names.includes(name));
}

test.each(GENERATIONS)(
  "[app-server/D4] any JSON schema is offered as Codex %s does",
  async (compatibility) => {
    const schemas: readonly (readonly [given: unknown, sent: object])[] = [
      [true, { type: "string" }],
      [false, { type: "string" }],
      [{}, {}],
      [{ type: "string" }, { type: "string" }],
      [{ type: "weird" }, {}],
      [
        {
          type: ["object", "null"],
          properties: {
            a: { type: "string", format: "date", title: "T" },
            b: { const: 1 },
            c: true,
          },
          $schema: "s",
        },
        {
          type: ["object", "null"],
          properties: {
            a: { type: "string" },
            b: { type: "string", enum: [1] },
            c: { type: "string" },
          },
        },
      ],
    ];
    await using scene = await startScene({ compatibility, script: [messageExchange("Hi.")] });
    const dynamicTools = schemas.map(([schema], index) => tool(`t${index}`, schema));
    await scene.turn(await scene.startThread({ dynamicTools }), "hi");
    const sent = schemas.map(([, parameters], index) => ({
      type: "function",
      name: `t${index}`,
      description: "d",
      strict: false,
      parameters,
    }));
    expect(definitions(scene, ...schemas.map((_, index) => `t${index}`))).toEqual(sent);
  },
);

test.each(GENERATIONS)(
  "[app-server/D5] a tool of a group is called by both names, as %s",
  async (compatibility) => {
    const call = {
      type: "function_call",
      id: "fc_1",
      call_id: "c1",
      name: "t1",
      namespace: "ns",
      arguments: '{"a":1}',
    };
    const script = [streamExchange([[itemDone(call as never)]]), messageExchange("Done.")];
    const result = { contentItems: [{ type: "inputText", text: "fine" }], success: true };
    await using scene = await startScene({ compatibility, script, onRequest: () => ({ result }) });
    const dynamicTools =
      compatibility === "0.140"
        ? [tool("t1", object, { namespace: "ns" })]
        : [group("ns", tool("t1"))];
    const threadId = await scene.startThread({ dynamicTools });
    const messages = await scene.turn(threadId, "hi");
    const asked = messages.find(({ method }) => method === "item/tool/call");
    expect(asked?.params).toMatchObject({ namespace: "ns", tool: "t1", arguments: { a: 1 } });
    const ended = messages.find(
      ({ method, params }) => method === "item/completed" && params.item.type === "dynamicToolCall",
    );
    expect(ended?.params.item).toMatchObject({ namespace: "ns", tool: "t1", success: true });
    expect(definitions(scene, "ns")).toMatchObject([
      { type: "namespace", tools: [{ name: "t1" }] },
    ]);
    const next = await scene.reconnect();
    await scene.leave();
    const resumed = await next.request("thread/resume", { threadId });
    expect(resumed.error).toBeUndefined();
    await next.leave();
  },
);

test("[app-server/D6] tools that cannot be offered are refused, with the reason", async () => {
  await using scene = await startScene();
  for (const [dynamicTools, words] of [
    [[tool("t", null)], /input schema is not supported for t/],
    [[tool("t", "x")], /input schema is not supported for t/],
    [[tool("t", { type: "null" })], /input schema is not supported for t/],
    [[tool("t"), tool("t")], /two tools have that name/],
    [[tool("")], /must match/],
    [[tool("mcp__x")], /MCP/],
    [[tool("t", object, { deferLoading: true })], /must include a namespace/],
    [[tool("t", object, { type: "function", namespace: "n" })], /`type` all, or none/],
    [[group("n")], /at least one tool/],
    [[group("n", tool("t"), tool("t"))], /two tools have that name/],
    [[group("n", tool("t")), group("n", tool("u"))], /duplicate dynamic tool namespace/],
    [[group("a b", tool("t"))], /namespace must match/],
    [[group("functions", tool("t"))], /is reserved/],
  ] as const) {
    const { error } = await scene.request("thread/start", { dynamicTools });
    expect(error?.message).toMatch(words);
  }
});

test.each([true, false])(
  "[app-server/D7] tools to be found are offered by a search, to a model that can search: %s",
  async (canSearch) => {
    const model = { ...fallbackModelInfo("test-model", {}), supports_search_tool: canSearch };
    await using scene = await startScene({ model, script: [messageExchange("One.")] });
    const dynamicTools = [group("n", tool("later", object, { deferLoading: true }))];
    await scene.turn(await scene.startThread({ dynamicTools }), "go");
    const body = scene.api.requests[0]?.body as { tools: { type: string; name?: string }[] };
    const { tools } = body;
    expect(tools.some(({ type }) => type === "tool_search")).toBe(canSearch);
    expect(tools.some(({ name }) => name === "n")).toBe(false);
  },
);
