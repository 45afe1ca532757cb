import {
  completed,
  created,
  customToolCall,
  delay,
  disconnect,
  end,
  errorExchange,
  failedExchange,
  functionCall,
  functionCallExchange,
  functionCallItem,
  itemDone,
  messageExchange,
  streamExchange,
  streamedMessage,
  streamedReasoning,
} from "@codex-ts/responses-server";
import type { Exchange, ExchangeSelector, Script, StreamReply } from "@codex-ts/responses-server";

/** Something both programs are made to do. */
export interface LiveScenario {
  readonly name: string;
  readonly script: Script;
  /** Default `go`. */
  readonly prompt?: string;
  /** TOML put before the tables of the configuration file. */
  readonly config?: string;
  /** TOML put into the provider table. */
  readonly provider?: string;
  /** Files of the working directory, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether commands run at the same time, so that the order of their events says nothing. */
  readonly hasParallelCommands?: boolean;
  /** Facts of the first request that are there when something was done in time. Later requests are compared. */
  readonly racyFields?: readonly string[];
  /** Git commands run in the working directory before both programs start. */
  readonly git?: readonly (readonly string[])[];
}

/**
 * An answer that gives the end of a command time to be told: the real program tells it some 0.1 s after the fact, and
 * not at all when the turn is over by then.
 */
function late(exchange: ExchangeSelector & StreamReply): Exchange {
  return { ...exchange, beforeStatus: [delay(600)] };
}

/** The scenarios of the live comparison. Each program gets a server of its own with the same script. */
export const LIVE_SCENARIOS: readonly LiveScenario[] = [
  {
    name: "plain-message",
    script: [messageExchange(["Hello ", "there."], { requestId: "req_1" })],
  },
  {
    name: "exec-command",
    script: [
      streamExchange(
        [
          streamedReasoning({ summary: ["Run it."], encryptedContent: "enc-1" }),
          functionCall("exec_command", { cmd: "echo one && echo two" }, "call_1"),
        ],
        { requestId: "req_1" },
      ),
      messageExchange("It printed two lines.", { requestId: "req_2" }),
    ],
  },
  {
    name: "failing-command",
    script: [
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "echo out; echo err >&2; exit 3" },
        callId: "call_1",
      }),
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "no-such-program-here" },
        callId: "call_2",
      }),
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "pwd", workdir: "/no/such/dir" },
        callId: "call_3",
      }),
      messageExchange("All three failed."),
    ],
  },
  {
    name: "unknown-tool",
    script: [
      functionCallExchange({ name: "no_such_tool", args: { a: 1 }, callId: "call_1" }),
      streamExchange([customToolCall("no_such_custom", "free text", "call_2")]),
      messageExchange("There are none."),
    ],
  },
  {
    name: "malformed-arguments",
    script: [
      streamExchange([
        itemDone({ ...functionCallItem("exec_command", {}, "call_1"), arguments: '{"cmd": "echo' }),
      ]),
      functionCallExchange({ name: "exec_command", args: { cmd: 42 }, callId: "call_2" }),
      functionCallExchange({
        name: "write_stdin",
        args: { session_id: 999_999, chars: "x" },
        callId: "call_3",
      }),
      messageExchange("All refused."),
    ],
  },
  {
    name: "two-commands-at-once",
    hasParallelCommands: true,
    script: [
      streamExchange([
        functionCall("exec_command", { cmd: "sleep 0.3; echo first" }, "call_1"),
        functionCall("exec_command", { cmd: "echo second" }, "call_2"),
      ]),
      late(messageExchange("Both ran.")),
    ],
  },
  {
    name: "broken-stream",
    script: [
      {
        requestId: "req_1",
        events: [created("resp_1"), ...streamedMessage("Cut off.").slice(0, 2), disconnect()],
      },
      messageExchange("Recovered.", { requestId: "req_2" }),
    ],
  },
  {
    name: "stream-without-end",
    script: [
      {
        events: [created("resp_1"), ...streamedMessage("Whole item."), end()],
      },
      messageExchange("Recovered."),
    ],
  },
  {
    name: "http-500-once",
    script: [errorExchange(500, { message: "try again" }), messageExchange("Better now.")],
  },
  {
    name: "http-500-always",
    script: [{ ...errorExchange(500, { message: "try again" }), repeat: Infinity }],
  },
  {
    name: "http-400",
    script: [errorExchange(400, { message: "bad request", requestId: "req_1" })],
  },
  {
    name: "http-429",
    script: [
      { ...errorExchange(429, { message: "slow down", requestId: "req_1" }), repeat: Infinity },
    ],
  },
  {
    name: "response-failed",
    script: [
      failedExchange({ code: "invalid_prompt", message: "not this prompt", requestId: "req_1" }),
    ],
  },
  {
    name: "response-failed-then-good",
    script: [
      failedExchange({ code: "server_error", message: "broke down", requestId: "req_1" }),
      messageExchange("Better now."),
    ],
  },
  {
    name: "context-window-exceeded",
    script: [failedExchange({ code: "context_length_exceeded", message: "too long" })],
  },
  {
    name: "continued-turn",
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
  {
    name: "permissions-and-agents-file",
    prompt: "read the rules",
    config: 'developer_instructions = "Note of the developer."',
    files: { "AGENTS.md": "Rules of this folder.\n" },
    script: [messageExchange("Read.")],
  },
  {
    name: "git-work-tree",
    // Nobody waits for git: the real program starts slower, so that its first request has what git says.
    racyFields: ["requests.0.blob.workspaces"],
    script: [
      functionCallExchange({ name: "exec_command", args: { cmd: "sleep 0.5" }, callId: "call_1" }),
      late(messageExchange("Slept.")),
    ],
    files: { "notes.txt": "one\n" },
    git: [
      ["init", "-q", "-b", "main"],
      ["remote", "add", "origin", "https://someone:hidden@example.test/team/project.git"],
      ["add", "."],
      ["-c", "user.name=n", "-c", "user.email=e@example.test", "commit", "-q", "-m", "first"],
    ],
  },
  {
    name: "websocket",
    provider: "supports_websockets = true",
    script: [
      functionCallExchange({ name: "exec_command", args: { cmd: "echo ws" }, callId: "call_1" }),
      messageExchange("Done."),
    ],
  },
];
