import { expect, test, vi } from "vitest";
import type { CustomToolCallOutputItem, JsonObject } from "@codex-ts/protocol";
import { customToolCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import { nestedTools } from "../../../src/tools/code-mode/nested-tools.ts";
import type { Tool } from "../../../src/tools/tool.ts";
import { readRawBundle, reduceStrictly } from "../../support/bundle.ts";
import { startScene, testModel } from "../../support/harness.ts";
import type { Scene } from "../../support/harness.ts";
import { TINY_PNG } from "../../support/mcp/mcp-answers.ts";
import { bodies, mcpItems, offered, stdioServer } from "../../support/mcp/mcp-scene.ts";

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** What the script of a turn has shown. */
async function shown(scene: Scene): Promise<unknown[]> {
  await scene.turn("go");
  const input = bodies(scene).at(-1)?.["input"] as readonly JsonObject[];
  const item = input.find(({ type }) => type === "custom_tool_call_output");
  const { output } = item as unknown as CustomToolCallOutputItem;
  if (typeof output === "string") return [output];
  return output.slice(1).map((part) => (part.type === "input_text" ? part.text : part));
}

const running = (source: string) => [
  streamExchange([customToolCall("exec", source, "call_1")]),
  messageExchange("Done."),
];

const CALLS = `
for (const [name, args] of [["add", { a: 1, b: 2 }], ["multi"], ["fail", { why: "so" }], ["refuse"], ["write"], ["add", [1]]]) {
  try { text(await tools["mcp__demo__" + name](args)); } catch (error) { text(typeof error + " " + error); }
}
for (const block of (await tools.mcp__demo__picture()).content) block.type === "image" ? image(block) : text(block.text);
text(typeof await tools.list_mcp_resources({ server: "demo" }));
`;

// Source: docs/behavior/core-tools.md 7, observed with the same calls in both.
test.each(["0.140", "0.171"] as const)(
  "[core/mcp-scripts] a script gets results as servers make them, and refusals as results, %s",
  async (compatibility) => {
    const isNew = compatibility === "0.171";
    await using scene = await startScene(running(CALLS), {
      compatibility,
      codeMode: "with_tools",
      sandboxMode: "workspace-write",
      model: testModel(),
      mcpServers: { demo: stdioServer("demo") },
    });
    const results = await shown(scene);
    const parsed = results.map((one) =>
      typeof one === "string" && one.startsWith("{") ? (JSON.parse(one) as unknown) : one,
    );
    const failure = (text: unknown): object => ({
      content: [{ type: "text", text }],
      isError: true,
    });
    expect(parsed).toEqual([
      { content: [{ type: "text", text: "3" }], structuredContent: { sum: 3 } },
      {
        content: [
          { type: "text", text: "one", annotations: { audience: ["user"] } },
          { type: "resource", resource: { uri: "file:///x", text: "body" } },
          isNew
            ? {
                type: "text",
                text: "<audio content omitted because you do not support audio input>",
              }
            : { type: "audio", data: "AAAA", mimeType: "audio/wav" },
        ],
        ...(!isNew && { _meta: { k: 1 } }),
      },
      failure("failed: so"),
      failure(expect.stringContaining("Mcp error: -32602: not today")),
      failure(expect.stringMatching(isNew ? /requires approval/ : /cancelled/)),
      "string tool `mcp__demoadd` expects a JSON object for arguments",
      "a dot",
      {
        type: "input_image",
        image_url: `data:image/png;base64,${TINY_PNG}`,
        detail: "high",
      },
      "string",
    ]);
    await scene.thread.close();
    const calls = readRawBundle(scene.thread.bundlePath).of("tool_call_started");
    expect(calls.find(({ tool_call_id: id }) => id.startsWith("exec-"))).toMatchObject({
      requester: { type: "code_cell" },
      summary: { label: "mcp__demo.add" },
    });
    await reduceStrictly(scene.thread);
  },
);

test("[core/mcp-scripts] a call of a script is an item of the turn", async () => {
  await using scene = await startScene(running("await tools.mcp__demo__add({ a: 1, b: 2 });"), {
    codeMode: "only",
    mcpServers: { demo: stdioServer("demo") },
  });
  expect(mcpItems(await scene.turn("go"))).toMatchObject([
    { event: "itemStarted", server: "demo", tool: "add", status: "in_progress" },
    { event: "itemCompleted", status: "completed" },
  ]);
});

test.each([
  { searches: false, compatibility: "0.171", described: true },
  { searches: true, compatibility: "0.171", described: false },
  { searches: true, compatibility: "0.140", described: true },
] as const)(
  "[core/mcp-scripts] tools of servers are described to scripts unless they are found by a search, %o",
  async ({ searches, compatibility, described }) => {
    const source = 'text(ALL_TOOLS.find(({ name }) => name === "mcp__other__two").description);';
    await using scene = await startScene(running(source), {
      compatibility,
      codeMode: "only",
      model: testModel({ supports_search_tool: searches }),
      mcpServers: { other: stdioServer("other") },
    });
    const declaration =
      "```ts\ndeclare const tools: { mcp__other__two(args: { [key: string]: unknown; }): Promise<CallToolResult<{ n: number; }>>; };\n```";
    // Where the list of all tools is read, nothing else says what the group is for; 0.140 does not say it there either.
    const group = compatibility === "0.171" ? "Use it twice.\nThen stop.\n\n" : "";
    expect(await shown(scene)).toEqual([`\n\n${group}exec tool declaration:\n${declaration}`]);
    const [exec, ...others] = offered(scene);
    expect(others.map(({ name }) => name)).toEqual(["wait", "request_user_input"]);
    const text = exec?.["description"] as string;
    expect(text.includes(declaration)).toBe(described);
    expect(text.split("Use it twice.")).toHaveLength(described ? 2 : 1);
    expect(text).toContain("type CallToolResult<");
  },
);

test("[core/mcp-scripts] names have one `__` between group and tool, whatever they are", () => {
  const names = [
    ["mcp__demo", "echo"],
    ["mcp__demo", "__proto__"],
    ["mcp__demo", "_lead"],
    ["mcp__tail_", "x"],
    ["mcp__tail_", "_x"],
    ["mcp__demo", "constructor"],
  ].map(([namespace = "", name = ""]): Tool => ({
    name,
    namespace: { name: namespace },
    kind: "function",
    spec: {},
    parallel: true,
    run: () => Promise.reject(new Error("not called")),
  }));
  expect(nestedTools(names, { listsGroups: true }).map(({ name }) => name)).toEqual([
    "mcp__demo__constructor",
    "mcp__demo__echo",
    "mcp__demo__proto__",
    "mcp__demo_lead",
    "mcp__tail__x",
    "mcp__tail_x",
  ]);
});
