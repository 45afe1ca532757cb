import { ExecPolicy } from "../../src/exec-policy/exec-policy.ts";
import { compatibilityProfile } from "@codex-ts/core";
import { seededRandom, temporaryDirectory } from "@codex-ts/test-support";
import { ThreadEventStream } from "../../src/events/thread-event-stream.ts";
import type { ThreadEvent } from "../../src/events/thread-event.ts";
import { CommandSessions } from "../../src/tools/exec/command-sessions.ts";
import { execCommandTool } from "../../src/tools/exec/exec-command.ts";
import type { ExecSettings } from "../../src/tools/exec/exec-command.ts";
import { writeStdinTool } from "../../src/tools/exec/write-stdin.ts";
import type { Tool, ToolCall } from "../../src/tools/tool.ts";

/** The command tools of one thread, called one by one, without a model. Disposing kills what runs. */
export interface CommandScene extends AsyncDisposable {
  /** Working directory. */
  readonly folder: string;
  readonly emitted: ThreadEvent[];
  /** Runs a command without a login shell; resolves with the text the model reads. */
  exec(args: object, call?: Partial<ToolCall>): Promise<string>;
  writeStdin(args: object, call?: Partial<ToolCall>): Promise<string>;
  /** Calls another tool of the thread's settings. */
  call(
    tool: (settings: ExecSettings) => Tool,
    args: object,
    call?: Partial<ToolCall>,
  ): Promise<string>;
}

export async function commandScene(
  settings: Partial<ExecSettings> = {},
  generation: "0.140" | "0.171" = "0.171",
): Promise<CommandScene> {
  const directory = await temporaryDirectory();
  const sessions = new CommandSessions(seededRandom(7));
  const emitted: ThreadEvent[] = [];
  const events = new ThreadEventStream();
  events.subscribe((event) => emitted.push(event));
  let calls = 0;
  let items = 0;
  const all: ExecSettings = {
    threadId: "01a1fa2c-14fd-7b60-8176-1542090ff366",
    commands: compatibilityProfile(generation).commands,
    execPolicy: new ExecPolicy(),
    patchRules: generation,
    failedQuestion: compatibilityProfile(generation).commands.approvals.failedQuestion,
    sandbox: { protectedFolders: [".git", ".codex"], workspaceWrite: {} },
    shell: "/bin/bash",
    env: { PATH: process.env["PATH"] },
    sessions,
    now: Date.now,
    random: seededRandom(1),
    ...settings,
  };
  const call: CommandScene["call"] = async (tool, args, rest = {}) => {
    calls += 1;
    const { output } = await tool(all).run({
      callId: `call_${calls}`,
      turnId: "turn_1",
      threadId: all.threadId,
      cwd: directory.path,
      sandboxMode: "danger-full-access",
      approvalPolicy: "never",
      input: JSON.stringify(args),
      outputBudget: { mode: "bytes", limit: 10_000 },
      signal: new AbortController().signal,
      now: all.now,
      report: { nextItemId: () => `item_${items++}`, emit: events.emitterOf("turn_1") },
      ...rest,
    });
    if (typeof output !== "string") throw new Error("a command answers with text");
    return output;
  };
  return {
    folder: directory.path,
    emitted,
    exec: (args, rest) => call(execCommandTool, { login: false, ...args }, rest),
    writeStdin: (args, rest) => call(writeStdinTool, args, rest),
    call,
    async [Symbol.asyncDispose]() {
      await sessions.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** The id under which a command goes on. */
export function sessionIdOf(output: string): number {
  return Number(/^Process running with session ID (\d+)$/m.exec(output)?.[1]);
}

/** What the command printed. */
export function printed(output: string): string {
  return output.slice(output.indexOf("\nOutput:\n") + "\nOutput:\n".length);
}
