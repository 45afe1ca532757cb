import {
  customToolCall,
  functionCall,
  functionCallItem,
  itemDone,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Script, ServerEvent } from "@codex-ts/responses-server";
import type { LiveScenario } from "../live-scenario.ts";
import { late } from "./late.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** A server of the Model Context Protocol, a program in the working directory. */
const SERVER = `import { createInterface } from "node:readline";
const schema = { type: "object", properties: {} };
const tool = (name, more) => ({ name, description: name, inputSchema: schema, annotations: { readOnlyHint: true }, ...more });
const TOOLS = [
  tool("echo-it", { inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] } }),
  tool("sum", { outputSchema: { type: "object", properties: { sum: { type: "number" } } } }),
  ...["picture", "mixed", "fails", "refuses", "__proto__", "9x/y"].map((name) => tool(name)),
  tool("write", { annotations: {} }),
];
const ANSWERS = new Map(Object.entries({
  "echo-it": (args) => ({ content: [{ type: "text", text: JSON.stringify(args) }] }),
  sum: () => ({ content: [{ type: "text", text: "3" }], structuredContent: { sum: 3 } }),
  picture: () => ({ content: [{ type: "text", text: "a dot" }, { type: "image", data: "${PNG}", mimeType: "image/png" }] }),
  mixed: () => ({ content: [{ type: "text", text: "t", annotations: { audience: ["user"] } }, { type: "audio", data: "AAAA", mimeType: "audio/wav" }, { type: "resource", resource: { uri: "file:///x", text: "body" } }], _meta: { k: 1 } }),
  fails: () => ({ content: [{ type: "text", text: "it failed" }], isError: true }),
}));
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const reply = (result) => send({ id, result });
  if (method === "initialize") reply({ protocolVersion: params.protocolVersion, capabilities: { tools: {}, resources: {} }, serverInfo: { name: "demo", version: "1" }, instructions: "Use it well." });
  else if (method === "tools/list") reply({ tools: TOOLS });
  else if (method === "resources/list") reply({ resources: [{ uri: "mem://a", name: "a" }] });
  else if (method === "resources/templates/list") reply({ resourceTemplates: [] });
  else if (method === "resources/read") reply({ contents: [{ uri: params.uri, text: "AAA" }] });
  else if (method === "tools/call" && params.name === "refuses") send({ id, error: { code: -32001, message: "no", data: { x: 1 } } });
  else if (method === "tools/call") reply((ANSWERS.get(params.name) ?? (() => ({ content: [{ type: "text", text: "ran " + params.name }] })))(params.arguments));
}).on("close", () => process.exit(0));
`;

const TABLE = `
[mcp_servers.demo]
command = ${JSON.stringify(process.execPath)}
args = ["server.mjs"]
required = true`;

/** A call of a tool of the server by the model itself. */
function call(name: string, args: object | string, callId: string): ServerEvent {
  const item = functionCallItem(name, {}, callId);
  const text = typeof args === "string" ? args : JSON.stringify(args);
  return itemDone({ ...item, namespace: "mcp__demo", arguments: text });
}

const script = (source: string, callId: string): ServerEvent =>
  customToolCall("exec", source, callId);

function oneByOne(...calls: readonly ServerEvent[]): Script {
  return [...calls.map((each) => late(streamExchange([each]))), late(messageExchange("Done."))];
}

/** A command that ends once the tools of {@link LATE_SERVER} are there. */
const WAIT = "while [ ! -e on ]; do sleep 0.1; done";

/** A server that 0.171 does not wait for, and 0.140 does. */
const LATE_SERVER = SERVER.replace(
  "reply({ tools: TOOLS })",
  '{ reply({ tools: TOOLS }); setTimeout(() => writeFileSync("on", ""), 800); }',
).replace(
  'from "node:readline";',
  'from "node:readline";\nimport { writeFileSync } from "node:fs";\nawait new Promise((done) => setTimeout(done, 2500));',
);

const withLateServer = (name: string, model: LiveScenario["model"]): LiveScenario => ({
  name,
  script: [
    streamExchange([functionCall("exec_command", { cmd: WAIT, yield_time_ms: 30_000 }, "call_1")]),
    late(messageExchange("Done.")),
  ],
  files: { "server.mjs": LATE_SERVER },
  provider: TABLE.replace("\nrequired = true", ""),
  ...(model !== undefined && { model }),
});

const withServer = (scenario: Omit<LiveScenario, "files" | "provider">): LiveScenario => ({
  ...scenario,
  files: { "server.mjs": SERVER },
  provider: TABLE,
});

const SCRIPTS = oneByOne(
  script('text(ALL_TOOLS.filter((t) => t.name.includes("mcp")).map((t) => t.name));', "call_1"),
  script(
    'for (const t of ALL_TOOLS) if (t.name.startsWith("mcp__")) text(t.description);',
    "call_2",
  ),
  script(
    'for (const name of Object.keys(tools).filter((each) => each.startsWith("mcp__")).sort()) text(await tools[name]({ text: "x" }));',
    "call_3",
  ),
  script(
    'for (const block of (await tools.mcp__demo__picture()).content) block.type === "image" ? image(block) : text(block.text);',
    "call_4",
  ),
  script(
    'for (const args of ["x", 5, [1], null, { text: 5 }]) try { text(await tools.mcp__demo__echo_it(args)); } catch (error) { text(typeof error + error); }',
    "call_5",
  ),
  script(
    'text(await tools.list_mcp_resources({})); text(await tools.read_mcp_resource({ server: "demo", uri: "mem://a" })); await tools.read_mcp_resource({ server: "none", uri: "x" });',
    "call_6",
  ),
);

const CONFIG =
  "include_permissions_instructions = false\nsuppress_unstable_features_warning = true";

/** Tools of a server, called by the model and by its scripts. */
export const MCP_SCENARIOS: readonly LiveScenario[] = [
  withServer({
    name: "mcp-calls",
    script: oneByOne(
      call("echo_it", { text: "x" }, "call_1"),
      call("sum", {}, "call_2"),
      call("picture", {}, "call_3"),
      call("mixed", {}, "call_4"),
      call("fails", {}, "call_5"),
      call("refuses", {}, "call_6"),
      call("__proto__", {}, "call_7"),
      call("9x_y", {}, "call_8"),
      call("write", {}, "call_9"),
      call("nope", {}, "call_10"),
    ),
  }),
  withServer({
    name: "mcp-scripts",
    script: SCRIPTS,
    model: { tool_mode: "code_mode" },
    config: CONFIG,
  }),
  withServer({
    name: "mcp-scripts-only",
    script: SCRIPTS,
    model: { tool_mode: "code_mode_only" },
    config: CONFIG,
  }),
  withServer({
    name: "mcp-found-by-search",
    script: [messageExchange("Done.")],
    model: { supports_search_tool: true },
    config: 'developer_instructions = "Be kind."',
  }),
  withLateServer("mcp-late", undefined),
  withLateServer("mcp-late-found-by-search", { supports_search_tool: true }),
  withLateServer("mcp-late-responses-lite", { use_responses_lite: true }),
  withLateServer("mcp-late-responses-lite-search", {
    use_responses_lite: true,
    supports_search_tool: true,
  }),
];
