import {
  completed,
  created,
  errorExchange,
  functionCall,
  functionCallExchange,
  itemDone,
  message,
  messageExchange,
  streamExchange,
  streamedMessage,
  streamedReasoning,
} from "@codex-ts/responses-server";
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
    name: "fork",
    generations: ["0.171"],
    runs: [
      { how: "new", prompt: "go", script: [CALL, messageExchange("First.")] },
      { how: "fork", prompt: "another way", script: [messageExchange("Other.")] },
    ],
  },
];
