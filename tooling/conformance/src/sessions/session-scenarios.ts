import {
  completed,
  created,
  errorExchange,
  functionCall,
  functionCallExchange,
  hang,
  itemDone,
  message,
  messageExchange,
  streamExchange,
  streamedMessage,
  streamedReasoning,
} from "@codex-ts/responses-server";
import { REVERTED_SESSIONS } from "./reverted-sessions.ts";
import type { SessionRun, SessionScenario } from "./session-scenario.ts";

const SECOND: SessionRun = {
  how: "resume",
  prompt: "and again",
  script: [messageExchange("Second.")],
};

const CALL = functionCallExchange({
  name: "exec_command",
  args: { cmd: "echo one && echo two" },
  callId: "call_1",
});

/** Has a history compacted after a response that is {@link FULL}. */
const COMPACTS = { auto_compact_token_limit: 2000 };

const FULL = { input_tokens: 3000, output_tokens: 100 };

/** A picture of one pixel. */
const IMAGE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const MCP_CONFIG = `include_permissions_instructions = false

${["a", "b"]
  .map(
    (name) => `[mcp_servers.${name}]
command = ${JSON.stringify(process.execPath)}
args = ["${name}.mjs"]
required = true`,
  )
  .join("\n\n")}`;

/** A server of the Model Context Protocol with tools that do nothing. */
function mcpServer(instructions: string, tools: readonly string[]): string {
  return `import { createInterface } from "node:readline";
const TOOLS = ${JSON.stringify(tools)}.map((name) => ({ name, description: name, inputSchema: { type: "object", properties: {} } }));
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const reply = (result) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n");
  if (method === "initialize") reply({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "x", version: "1" }, instructions: "${instructions}" });
  else if (method === "tools/list") reply({ tools: TOOLS });
}).on("close", () => process.exit(0));
`;
}

/** Sessions that both programs keep and go on with. */
export const SESSION_SCENARIOS: readonly SessionScenario[] = [
  {
    name: "plain-message",
    runs: [{ how: "new", prompt: "go", script: [messageExchange("First.")] }, SECOND],
  },
  {
    name: "tools-and-reasoning",
    runs: [
      {
        how: "new",
        prompt: "go",
        script: [
          streamExchange([
            streamedReasoning({ summary: ["Run it.", "Then look."], encryptedContent: "enc-1" }),
            functionCall("exec_command", { cmd: "echo one && echo two" }, "call_1"),
          ]),
          streamExchange([
            streamedReasoning({ summary: [], content: ["raw"], encryptedContent: "enc-2" }),
            message("It printed two lines."),
          ]),
        ],
      },
      { how: "resume", prompt: "and again", script: [CALL, messageExchange("Second.")] },
      { how: "resume_last", prompt: "last", script: [messageExchange("Third.")] },
    ],
  },
  {
    name: "interrupted",
    runs: [
      {
        how: "new",
        prompt: "go",
        isInterrupted: true,
        script: [
          functionCallExchange({
            name: "exec_command",
            args: { cmd: "sleep 20" },
            callId: "call_1",
          }),
        ],
      },
      SECOND,
    ],
  },
  {
    name: "killed-in-a-command",
    runs: [
      {
        how: "new",
        prompt: "go",
        killedAtRequest: 1,
        script: [
          functionCallExchange({
            name: "exec_command",
            args: { cmd: "sleep 20" },
            callId: "call_1",
          }),
        ],
      },
      SECOND,
    ],
  },
  {
    name: "killed-in-a-response",
    runs: [
      { how: "new", prompt: "go", script: [CALL, messageExchange("First.")] },
      {
        how: "resume",
        prompt: "on",
        killedAtRequest: 2,
        script: [CALL, { events: [created("resp_2"), ...streamedMessage("Half of it."), hang()] }],
      },
      SECOND,
    ],
  },
  {
    name: "killed-in-a-compaction",
    model: COMPACTS,
    config: `include_permissions_instructions = false
compact_prompt = "Write a summary."`,
    runs: [
      {
        how: "new",
        prompt: "go",
        killedAtRequest: 2,
        script: [
          functionCallExchange(
            { name: "exec_command", args: { cmd: "echo one" }, callId: "call_1" },
            { usage: FULL },
          ),
          { events: [created("resp_c"), hang()] },
        ],
      },
      {
        how: "resume",
        prompt: "and again",
        script: [messageExchange("Summary."), messageExchange("Second.")],
      },
    ],
  },
  {
    name: "failed-turn",
    runs: [{ how: "new", prompt: "go", script: [errorExchange(400, { message: "no" })] }, SECOND],
  },
  {
    name: "continued-turn",
    runs: [
      {
        how: "new",
        prompt: "go",
        script: [
          {
            events: [
              created("resp_1"),
              ...streamedMessage("Not yet."),
              completed({ responseId: "resp_1", endTurn: false }),
            ],
          },
          messageExchange("Now."),
        ],
      },
      SECOND,
    ],
  },
  {
    name: "instructions",
    config: `include_permissions_instructions = false
developer_instructions = "Note of the developer."
model_reasoning_effort = "low"`,
    files: { "AGENTS.md": "Rules of this directory.\n" },
    runs: [
      {
        how: "new",
        prompt: 'odd ✓ \u2028 <tag> & "quoted"',
        script: [CALL, messageExchange("ünï \u0000")],
      },
      SECOND,
    ],
  },
  {
    name: "instructions-of-many-places",
    homeFiles: { "AGENTS.md": "Not read.\n", "AGENTS.override.md": "\n Of the user. \n\n" },
    files: {
      ".git/HEAD": "ref: refs/heads/main\n",
      "AGENTS.md": "Of the project.\n",
      "deep/AGENTS.md": "Not read.\n",
      "deep/AGENTS.override.md": "Of what lies deep.\n",
      "plain/file": "",
    },
    runs: [
      { how: "new", prompt: "go", directory: "deep", script: [CALL, messageExchange("First.")] },
      {
        how: "resume",
        prompt: "up",
        files: { "AGENTS.md": "Of the project, now.\n" },
        script: [messageExchange("Second.")],
      },
      { how: "resume", prompt: "aside", directory: "plain", script: [messageExchange("Third.")] },
      { how: "resume", prompt: "back", directory: "deep", script: [messageExchange("Fourth.")] },
    ],
  },
  {
    name: "skills",
    hasSkills: true,
    files: {
      ".git/HEAD": "ref: refs/heads/main\n",
      ".agents/skills/count/SKILL.md":
        "---\nname: count\ndescription: Counts things.\n---\n\nCount from one.\n",
      "deep/.agents/skills/sort/SKILL.md":
        "---\nname: sort\ndescription: Sorts things.\n---\n\nSort them.\n",
      "other/.git/HEAD": "ref: refs/heads/main\n",
    },
    runs: [
      { how: "new", prompt: "please $count them", script: [messageExchange("First.")] },
      {
        how: "resume",
        prompt: "now $sort and $count",
        directory: "deep",
        script: [messageExchange("Second.")],
      },
      { how: "resume", prompt: "and on", script: [messageExchange("Third.")] },
      {
        how: "resume",
        prompt: "elsewhere",
        directory: "other",
        script: [messageExchange("Fourth.")],
      },
      { how: "resume", prompt: "back", script: [messageExchange("Fifth.")] },
    ],
  },
  {
    name: "images",
    files: { "a.png": IMAGE },
    furtherModels: [{ slug: "gpt-blind", input_modalities: ["text"] }],
    runs: [
      { how: "new", prompt: "look", images: ["a.png"], script: [messageExchange("First.")] },
      {
        how: "resume",
        prompt: "again",
        images: ["a.png", "a.png"],
        script: [messageExchange("Second.")],
      },
      { how: "resume", prompt: "on", model: "gpt-blind", script: [messageExchange("Third.")] },
    ],
  },
  {
    name: "compacted-locally",
    model: COMPACTS,
    runs: [
      {
        how: "new",
        prompt: "go",
        script: [
          functionCallExchange(
            { name: "exec_command", args: { cmd: "echo one" }, callId: "call_1" },
            { usage: FULL },
          ),
          messageExchange("Summary one."),
          messageExchange("First.", { usage: FULL }),
        ],
      },
      {
        how: "resume",
        prompt: "and again",
        script: [messageExchange("Summary two."), messageExchange("Second.")],
      },
      { how: "resume", prompt: "last", script: [messageExchange("Third.")] },
    ],
  },
  {
    name: "compacted-remotely",
    model: COMPACTS,
    providerName: "OpenAI",
    runs: [
      {
        how: "new",
        prompt: "go",
        script: [
          functionCallExchange(
            { name: "exec_command", args: { cmd: "echo one" }, callId: "call_1" },
            { usage: FULL },
          ),
          {
            events: [
              created("resp_c"),
              itemDone({ type: "compaction", encrypted_content: "enc-c" } as never),
              completed({ responseId: "resp_c" }),
            ],
          },
          messageExchange("First."),
        ],
      },
      SECOND,
    ],
  },
  {
    name: "another-model",
    furtherModels: [{ slug: "gpt-other", base_instructions: "Follow it well." }],
    runs: [
      { how: "new", prompt: "go", script: [messageExchange("First.")] },
      { how: "resume", prompt: "on", model: "gpt-other", script: [messageExchange("Second.")] },
      { how: "resume", prompt: "on", model: "gpt-other", script: [messageExchange("Third.")] },
    ],
  },
  {
    name: "another-kind-of-model",
    model: { comp_hash: "a" },
    furtherModels: [{ slug: "gpt-other", comp_hash: "b", base_instructions: "Follow it well." }],
    runs: [
      { how: "new", prompt: "go", script: [CALL, messageExchange("First.")] },
      {
        how: "resume",
        prompt: "on",
        model: "gpt-other",
        script: [messageExchange("Summary."), messageExchange("Second.")],
      },
      { how: "resume", prompt: "on", model: "gpt-other", script: [messageExchange("Third.")] },
    ],
  },
  {
    name: "smaller-model",
    furtherModels: [{ slug: "gpt-small", context_window: 20_000 }],
    runs: [
      {
        how: "new",
        prompt: "go",
        script: [
          messageExchange("First.", { usage: { input_tokens: 30_000, output_tokens: 100 } }),
        ],
      },
      {
        how: "resume",
        prompt: "on",
        model: "gpt-small",
        script: [messageExchange("Summary."), messageExchange("Second.")],
      },
      { how: "resume", prompt: "on", model: "gpt-small", script: [messageExchange("Third.")] },
    ],
  },
  {
    name: "responses-lite",
    generations: ["0.171"],
    isKeptByCodexOnly: true,
    model: { use_responses_lite: true },
    furtherModels: [
      { slug: "gpt-other", base_instructions: "Follow it well." },
      { slug: "gpt-plain", use_responses_lite: false },
    ],
    runs: [
      { how: "new", prompt: "go", script: [CALL, messageExchange("First.")] },
      { how: "resume", prompt: "on", model: "gpt-plain", script: [messageExchange("Second.")] },
      { how: "resume", prompt: "back", model: "gpt-other", script: [messageExchange("Third.")] },
    ],
  },
  {
    name: "responses-lite-in-between",
    generations: ["0.171"],
    furtherModels: [
      { slug: "gpt-lite", use_responses_lite: true, base_instructions: "Follow it well." },
    ],
    runs: [
      { how: "new", prompt: "go", script: [CALL, messageExchange("First.")] },
      { how: "resume", prompt: "on", model: "gpt-lite", script: [messageExchange("Second.")] },
      { how: "resume", prompt: "on", model: "gpt-lite", script: [messageExchange("Third.")] },
    ],
  },
  {
    name: "tools-found-by-search",
    config: MCP_CONFIG,
    model: { supports_search_tool: true },
    runs: [
      {
        how: "new",
        prompt: "go",
        files: { "a.mjs": mcpServer("Use it.\\nTwice.", ["add"]), "b.mjs": mcpServer("", []) },
        script: [messageExchange("First.")],
      },
      {
        how: "resume",
        prompt: "on",
        files: { "a.mjs": mcpServer("Use it well.", ["add"]), "b.mjs": mcpServer("", ["one"]) },
        script: [messageExchange("Second.")],
      },
      {
        how: "resume",
        prompt: "and on",
        files: { "a.mjs": mcpServer("Use it well.", []) },
        script: [messageExchange("Third.")],
      },
    ],
  },
  {
    name: "fork",
    generations: ["0.171"],
    runs: [
      { how: "new", prompt: "go", script: [CALL, messageExchange("First.")] },
      { how: "fork", prompt: "another way", script: [messageExchange("Other.")] },
    ],
  },
  ...REVERTED_SESSIONS,
];
