import { describe, expect, test, vi } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { startScene, testModel } from "../../support/harness.ts";
import { reduceStrictly } from "../../support/bundle.ts";
import { LONG_NAME, TINY_PNG } from "../../support/mcp/mcp-answers.ts";
import {
  bodies,
  callEvent,
  callingEach,
  mcpItems,
  offered,
  outputs,
  readLog,
  stdioServer,
} from "../../support/mcp/mcp-scene.ts";
import { messageExchange, rawEvent, streamExchange } from "@codex-ts/responses-server";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const GENERATIONS = ["0.140", "0.171"] as const;
const names = (tools: readonly JsonObject[]): unknown[] => tools.map(({ name }) => name);
const WALL_TIME = /^Wall time: \d+\.\d{4} seconds\nOutput:/;

const matching = (expression: RegExp): unknown => expect.stringMatching(expression);

test("[core/tool-search] a model of 0.171 that can search finds the tools of servers, and calls what it knows", async () => {
  const search = (args: JsonValue, callId: string) =>
    rawEvent({
      type: "response.output_item.done",
      item: {
        type: "tool_search_call",
        id: `ts_${callId}`,
        call_id: callId,
        execution: "client",
        status: "completed",
        arguments: args,
      },
    });
  await using scene = await startScene(
    [
      streamExchange([
        search({ query: "ADD numbers", limit: 1 }, "found"),
        search({ query: "zzzz" }, "nothing"),
        search({ query: " " }, "empty"),
        search({ query: "add", limit: 0 }, "zero"),
        search({}, "missing"),
        search("add", "text"),
      ]),
      streamExchange([callEvent({ name: "add", args: { a: 1, b: 2 } }, "call_add")]),
      messageExchange("Done."),
    ],
    {
      compatibility: "0.171",
      model: testModel({ supports_search_tool: true }),
      mcpServers: { demo: stdioServer("demo") },
    },
  );
  await scene.turn("go");
  const tools = offered(scene);
  expect(tools.filter(({ type }) => type === "namespace")).toEqual([]);
  expect(tools.at(-1)).toMatchObject({
    type: "tool_search",
    execution: "client",
    parameters: { required: ["query"] },
  });
  const body = scene.server.requests.at(-1)?.body as { input: readonly JsonObject[] };
  const found = new Map(
    body.input
      .filter(({ type }) => type === "tool_search_output")
      .map((output) => [output["call_id"], output["tools"]]),
  );
  expect(found.get("found")).toEqual([
    {
      type: "namespace",
      name: "mcp__demo",
      description: "Tools in the mcp__demo namespace.",
      tools: [expect.objectContaining({ type: "function", name: "add", defer_loading: true })],
    },
  ]);
  for (const call of ["nothing", "empty", "zero", "missing", "text"]) {
    expect([call, found.get(call)]).toEqual([call, []]);
  }
  expect(JSON.stringify(outputs(scene))).not.toContain("unsupported call");
});

describe.each(GENERATIONS)("tools of MCP servers, %s", (compatibility) => {
  const inParts = compatibility === "0.171";

  test("[core/mcp-offered] each server is a namespace after the built-in tools, sorted; resource tools come with servers", async () => {
    await using scene = await startScene([messageExchange("Hi.")], {
      compatibility,
      mcpServers: {
        other: stdioServer("other", { disabledTools: ["nobody"] }),
        demo: stdioServer("demo", {
          enabledTools: ["add", "fail", "write"],
          disabledTools: ["write"],
        }),
        off: { command: "/nonexistent", enabled: false },
      },
    });
    await scene.turn("go");
    const tools = offered(scene);
    expect(names(tools).slice(0, 5)).toEqual([
      "exec_command",
      "write_stdin",
      "list_mcp_resources",
      "list_mcp_resource_templates",
      "read_mcp_resource",
    ]);
    expect(tools.slice(-2)).toEqual([
      {
        type: "namespace",
        name: "mcp__demo",
        description: "Tools in the mcp__demo namespace.",
        tools: [
          {
            type: "function",
            name: "add",
            description: "Adds two numbers.",
            strict: false,
            parameters: {
              type: "object",
              properties: { a: { type: "number" }, b: { type: "number" } },
              required: ["a", "b"],
            },
          },
          expect.objectContaining({ name: "fail" }),
        ],
      },
      {
        type: "namespace",
        name: "mcp__other",
        description: "Use it twice.\nThen stop.",
        tools: [
          expect.objectContaining({ name: "alpha", description: "" }),
          expect.objectContaining({ name: "two" }),
        ],
      },
    ]);
  });

  test("[core/mcp-results] texts, structured values, images, errors and failures are outputs; each call is an item of the turn", async () => {
    const calls = [
      { name: "add", args: { a: 2, b: 3 } },
      { name: "fail", args: { why: "because" } },
      { name: "picture" },
      { name: "bad_picture" },
      { name: "multi" },
      { name: "refuse" },
      { name: "add", args: "{bad" },
      { name: "nope" },
      { name: "mcp__demo__add", args: { a: 1, b: 1 }, namespace: "" },
      { name: "contained", args: "" },
    ];
    await using scene = await startScene(callingEach(calls), {
      compatibility,
      mcpServers: { demo: stdioServer("demo") },
    });
    const events = await scene.turn("go");
    const read = outputs(scene);
    const asText = (text: string): unknown => {
      const json = JSON.stringify([{ type: "text", text }]);
      return inParts
        ? [head, { type: "input_text", text }]
        : matching(new RegExp(`${WALL_TIME.source}\\n${escaped(json)}$`));
    };
    const head = {
      type: "input_text",
      text: expect.stringMatching(/^Wall time: \d+\.\d{4} seconds\nOutput:$/),
    };
    expect(read["call_1"]).toMatch(/^Wall time: \d+\.\d{4} seconds\nOutput:\n\{"sum":5\}$/);
    expect(read["call_2"]).toEqual(asText("failed: because"));
    expect(read["call_3"]).toEqual([
      head,
      { type: "input_text", text: "a dot" },
      { type: "input_image", image_url: `data:image/png;base64,${TINY_PNG}`, detail: "high" },
    ]);
    expect(read["call_4"]).toEqual([
      head,
      inParts
        ? { type: "input_text", text: "image content omitted because it could not be processed" }
        : { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "high" },
    ]);
    const several = [
      head,
      { type: "input_text", text: "one" },
      {
        type: "input_text",
        text: '{"type":"resource","resource":{"uri":"file:///x","text":"body"}}',
      },
      {
        type: "input_text",
        text: "<audio content omitted because you do not support audio input>",
      },
    ];
    const sound = '{"type":"audio","data":"AAAA","mimeType":"audio/wav"}]';
    expect(read["call_5"]).toEqual(inParts ? several : matching(new RegExp(escaped(sound))));
    expect(read["call_6"]).toEqual(
      asText(
        'tool call error: tool call failed for `demo/refuse`\n\nCaused by:\n    Mcp error: -32602: not today({"x":1})',
      ),
    );
    expect(JSON.stringify(read["call_7"])).toMatch(/Wall time: 0\.\d{4} seconds.*err: /);
    expect(read["call_8"]).toBe("unsupported call: mcp__demonope");
    expect(read["call_9"]).toBe("unsupported call: mcp__demo__add");
    expect(read["call_10"]).toEqual(asText("ran contained"));
    const items = mcpItems(events);
    expect(items.slice(0, 4)).toEqual([
      {
        event: "itemStarted",
        id: "item_0",
        type: "mcp_tool_call",
        server: "demo",
        tool: "add",
        arguments: { a: 2, b: 3 },
        result: null,
        error: null,
        status: "in_progress",
      },
      {
        event: "itemCompleted",
        id: "item_0",
        type: "mcp_tool_call",
        server: "demo",
        tool: "add",
        arguments: { a: 2, b: 3 },
        result: { content: [{ type: "text", text: "5" }], structured_content: { sum: 5 } },
        error: null,
        status: "completed",
      },
      expect.objectContaining({ event: "itemStarted", tool: "fail" }),
      expect.objectContaining({ tool: "fail", error: null, status: "failed" }),
    ]);
    // The original name, and none for arguments that could not be read or tools that are not there.
    expect(items).toHaveLength(14);
    expect(items).toContainEqual(
      expect.objectContaining({ tool: "bad-picture", event: "itemCompleted", status: "completed" }),
    );
    expect(items.at(-5)).toMatchObject({ tool: "multi", result: { _meta: { k: 1 } } });
    expect(items.at(-3)).toMatchObject({
      tool: "refuse",
      result: null,
      error: { message: expect.stringContaining("not today") },
      status: "failed",
    });
  });

  test("[core/mcp-request] a server is told who calls, in which turn, and gets only the environment it is meant to have", async () => {
    await using logs = await temporaryDirectory();
    const logFile = `${logs.path}/log`;
    await using scene = await startScene(callingEach([{ name: "add", args: { a: 1, b: 2 } }]), {
      compatibility,
      clientVersion: "1.2.3",
      env: { PATH: process.env["PATH"], HOME: "/home/x", SECRET_KEY: "hidden", PASSED: "yes" },
      mcpServers: {
        demo: stdioServer("demo", { logFile, env: { OWN: "1" }, envVars: ["PASSED", "UNSET"] }),
      },
    });
    await scene.turn("go");
    const [start, initialize, , list, call] = readLog(logFile);
    const { CODEX_TS_OWNER: _owner, ...env } = (start?.["env"] ?? {}) as Record<string, string>;
    expect(env).toEqual({
      PATH: process.env["PATH"],
      HOME: "/home/x",
      OWN: "1",
      PASSED: "yes",
    });
    expect(start?.["cwd"]).toBe(scene.folder);
    expect(initialize).toMatchObject({
      method: "initialize",
      params: {
        protocolVersion: "2025-06-18",
        capabilities: { elicitation: inParts ? { form: {}, url: {} } : {} },
        clientInfo: { name: "codex-mcp-client", title: "Codex", version: "1.2.3" },
      },
    });
    expect(list).toMatchObject({ method: "tools/list" });
    const { threadId } = scene.thread;
    const meta = ((call?.["params"] ?? {}) as JsonObject)["_meta"] as JsonObject;
    const turnMetadata = {
      session_id: threadId,
      thread_id: threadId,
      turn_id: expect.any(String),
      sandbox: "none",
      turn_started_at_unix_ms: expect.any(Number),
      model: "gpt-mock",
      reasoning_effort: "medium",
      thread_source: "user",
    };
    expect(meta).toEqual({
      progressToken: expect.anything(),
      "x-codex-turn-metadata": inParts
        ? {
            ...turnMetadata,
            turn_trigger: "exec",
            sandbox_mode: "danger-full-access",
            auto_review_enabled: false,
            node_repl_auto_review_required: false,
            node_repl_disabled: false,
            codex_version: "1.2.3",
          }
        : turnMetadata,
      threadId,
      codex_bridge_mcp_call_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ...(inParts && {
        callId: "call_1",
        itemId: "fc_call_1",
        sessionId: threadId,
        windowId: `${threadId}:0`,
      }),
    });
  });

  test("[core/mcp-trace] a call is traced with the id its server is told", async () => {
    await using scene = await startScene(
      callingEach([{ name: "add", args: { a: 1, b: 2 } }, { name: "fail" }]),
      { compatibility, mcpServers: { demo: stdioServer("demo") } },
      inParts ? 3 : 1,
    );
    await scene.turn("go");
    const state = await reduceStrictly(scene.thread);
    const call = state.tool_calls["call_1"];
    expect(call).toMatchObject({
      mcp_call_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      kind: inParts ? { type: "mcp", server: "demo", tool: "add" } : { type: "other", name: "add" },
      execution: { status: "completed" },
      summary: { label: "mcp__demo.add" },
    });
    expect(call?.raw_runtime_payload_ids).toHaveLength(inParts ? 2 : 0);
    expect(state.tool_calls["call_2"]?.execution.status).toBe("failed");
  });
});

test("[core/mcp-names] names are made of letters, digits and `_`, are told apart by a hash, and fit", async () => {
  for (const [compatibility, longest] of [
    ["0.140", 64],
    ["0.171", 128],
  ] as const) {
    await using scene = await startScene(
      callingEach([{ name: "echo_it_0b8335efebe2", namespace: "mcp__ri_ch" }]),
      {
        compatibility,
        mcpServers: {
          "ri-ch": stdioServer("names"),
          x_y: stdioServer("other"),
          "x-y": stdioServer("other"),
        },
      },
    );
    const events = await scene.turn("go");
    const [names1, first, second] = offered(scene).slice(-3);
    const own = ((names1?.["tools"] ?? []) as JsonObject[]).map(({ name }) => name as string);
    // The hashes are those of real Codex for the same server and tools.
    expect(own).toEqual(
      expect.arrayContaining([
        "9x_y",
        "_",
        "echo_it_0b8335efebe2",
        "echo_it_8240a81b0846",
        "gr__e",
      ]),
    );
    const long = own.filter((name) => name.startsWith("a_name"));
    expect(long.map((name) => name.length + "mcp__ri_ch__".length)).toEqual([longest, longest]);
    expect(new Set(long).size).toBe(2);
    expect([first?.["name"], second?.["name"]]).toEqual(
      ["mcp__x_y_9fedeacd0565", "mcp__x_y_bb9866f7ffcd"].toSorted(),
    );
    expect(mcpItems(events)[1]).toMatchObject({ server: "ri-ch", tool: "echo-it" });
    expect(LONG_NAME.length).toBeGreaterThan(128);
  }
});

test("[core/mcp-schemas] schemas are sent in the keywords models are served with; a tool whose schema is none is left out", async () => {
  await using scene = await startScene([messageExchange("Hi.")], {
    mcpServers: { hostile: stdioServer("hostile") },
  });
  await scene.turn("go");
  const tools = offered(scene).at(-1)?.["tools"] as JsonObject[];
  expect(names(tools)).toEqual(["exotic", "leak", "no_content"]);
  expect(tools[0]?.["parameters"]).toEqual({
    type: "object",
    properties: {
      c: { type: "string", enum: [5] },
      described: {},
      e: { type: "string", enum: ["a", "b"] },
      either: { anyOf: [{ type: "string" }, { type: "number" }] },
      i: { type: "integer" },
      list: { type: "array", items: { type: "string" } },
      map: { type: "object", properties: {}, additionalProperties: { type: "number" } },
      maybe: { type: ["string", "null"] },
      nested: { type: "object", properties: { z: { type: "string", description: "kept" } } },
      ref: { $ref: "#/$defs/p" },
      t: { type: "string" },
    },
    required: ["i"],
    additionalProperties: false,
    $defs: { p: { type: "object", properties: { q: { type: "integer" } } } },
  });
});

test("[core/mcp-results] a result is cut to what the model takes, once; a model without images reads that there was one", async () => {
  await using scene = await startScene(callingEach([{ name: "big" }, { name: "picture" }]), {
    compatibility: "0.171",
    model: testModel({
      truncation_policy: { mode: "bytes", limit: 10_000 },
      input_modalities: ["text"],
    }),
    mcpServers: { demo: stdioServer("demo") },
  });
  await scene.turn("go");
  const [, big] = outputs(scene)["call_1"] as { text: string }[];
  expect(big?.text.match(/truncated/g)).toHaveLength(1);
  expect(Buffer.byteLength(big?.text ?? "")).toBeLessThanOrEqual(12_000);
  expect(Buffer.byteLength(big?.text ?? "")).toBeGreaterThan(11_000);
  expect(outputs(scene)["call_2"]).toContainEqual({
    type: "input_text",
    text: "<image content omitted because you do not support image input>",
  });
});

test("[core/mcp-parallel] calls of a server run one after the other, unless its settings allow more", async () => {
  const script = [
    streamExchange([
      callEvent({ name: "slow", args: { ms: 400 } }, "call_1"),
      callEvent({ name: "add", args: { a: 1, b: 1 } }, "call_2"),
    ]),
    messageExchange("Done."),
  ];
  for (const supportsParallelToolCalls of [false, true]) {
    await using scene = await startScene(script, {
      mcpServers: { demo: stdioServer("demo", { supportsParallelToolCalls }) },
    });
    const events = await scene.turn("go");
    const order = mcpItems(events).map((item) => (item as { tool: string }).tool);
    expect(order).toEqual(
      supportsParallelToolCalls ? ["slow", "add", "add", "slow"] : ["slow", "slow", "add", "add"],
    );
    expect(bodies(scene)).toHaveLength(2);
  }
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
