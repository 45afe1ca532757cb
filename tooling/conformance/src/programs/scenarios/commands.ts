import {
  customToolCall,
  functionCall,
  functionCallExchange,
  functionCallItem,
  itemDone,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import type { LiveScenario } from "../live-scenario.ts";
import { late } from "./late.ts";

/** One command, then a message. */
function oneCommand(
  name: string,
  args: Readonly<Record<string, string | number | boolean>>,
  rest: Pick<LiveScenario, "files"> = {},
): LiveScenario {
  return {
    name,
    ...rest,
    script: [
      functionCallExchange({ name: "exec_command", args, callId: "call_1" }),
      late(messageExchange("Done.")),
    ],
  };
}

/** The model types into the command that runs; its id is another in every run. */
function writeStdinExchange(chars: string, callId: string): Exchange {
  return {
    respond: ({ bodyText }) => {
      const id = Number(/(?<=session ID )[0-9]+/.exec(bodyText)?.[0]);
      const args = { session_id: id, chars, yield_time_ms: 2000 };
      return streamExchange([functionCall("write_stdin", args, callId)]);
    },
  };
}

/** Calls of the model, and their outputs. */
export const COMMAND_SCENARIOS: readonly LiveScenario[] = [
  {
    name: "failing-command",
    runsUntraced: true,
    script: [
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "echo out; echo err >&2; exit 3" },
        callId: "call_1",
      }),
      late(
        functionCallExchange({
          name: "exec_command",
          args: { cmd: "no-such-program-here" },
          callId: "call_2",
        }),
      ),
      late(
        functionCallExchange({
          name: "exec_command",
          args: { cmd: "pwd", workdir: "/no/such/dir" },
          callId: "call_3",
        }),
      ),
      messageExchange("All three failed."),
    ],
  },
  {
    name: "unknown-tool",
    runsUntraced: true,
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
    name: "question-to-nobody",
    script: [
      functionCallExchange({
        name: "request_user_input",
        args: {
          questions: [
            {
              id: "a",
              header: "A",
              question: "A?",
              options: [
                { label: "Yes", description: "y" },
                { label: "No", description: "n" },
              ],
            },
          ],
        },
        callId: "call_1",
      }),
      functionCallExchange({
        name: "request_user_input",
        args: { questions: 1 },
        callId: "call_2",
      }),
      functionCallExchange({ name: "request_user_input", args: {}, callId: "call_3" }),
      messageExchange("Nobody is there."),
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
  oneCommand("large-output", { cmd: "seq 1 5000" }),
  oneCommand("output-budget", { cmd: "seq 1 500", max_output_tokens: 20 }),
  oneCommand("binary-output", { cmd: String.raw`printf 'a\xff\x00b\033[31mred'` }),
  oneCommand("killed-command", { cmd: "kill -9 $$" }),
  oneCommand("working-directory", { cmd: "pwd; ls", workdir: "sub" }, { files: { "sub/f": "x" } }),
  oneCommand("other-shell", { cmd: "echo $0", shell: "/bin/sh" }),
  oneCommand("no-login-shell", { cmd: "echo a b", login: false }),
  oneCommand("escalated", {
    cmd: "echo a",
    sandbox_permissions: "require_escalated",
    justification: "why",
  }),
  oneCommand("terminal", { cmd: "echo $TERM; stty size; test -t 0 && echo terminal", tty: true }),
  oneCommand("killed-on-terminal", { cmd: "kill -9 $$", tty: true }),
  {
    name: "terminal-input",
    script: [
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "read x; echo got:$x; exit 4", tty: true, yield_time_ms: 500 },
        callId: "call_1",
      }),
      writeStdinExchange("hello\n", "call_2"),
      writeStdinExchange("late\n", "call_3"),
      late(messageExchange("The session is over.")),
    ],
  },
  {
    name: "terminal-interrupt",
    script: [
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "exec sleep 60", tty: true, yield_time_ms: 500 },
        callId: "call_1",
      }),
      writeStdinExchange("\u0003", "call_2"),
      late(messageExchange("Stopped.")),
    ],
  },
  // Two variables are ours: one makes starting from source faster, one marks what has to end with its thread. One is Codex's
  // alone: ours keeps the provider's key from commands.
  oneCommand("environment", {
    cmd: "env | cut -d= -f1 | grep -v -e NODE_COMPILE_CACHE -e CODEX_TS_OWNER -e MOCK_KEY | sort",
  }),
];
