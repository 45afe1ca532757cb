import { networkFromEnvironment } from "@codex-ts/api";
import {
  ThreadError,
  beginWorkspaceReading,
  compatibilityProfile,
  createThread,
  forkThread,
  resumeThread,
} from "@codex-ts/core";
import type { CodexThread, TurnEvent, TurnInput, TurnStream } from "@codex-ts/core";
import { type CliProcess, SIGINT_EXIT_CODE, interruptionExitCode } from "../cli-process.ts";
import { CommandError } from "../errors.ts";
import { type ExecFiles, readExecFiles, toTurnInput, writeLastMessage } from "../exec-files.ts";
import { type ExecFlags, type ExecOptions, readExecFlags } from "../exec-flags.ts";
import { isInsideGitWorkTree } from "../git-work-tree.ts";
import { given } from "../given.ts";
import { lastThreadId } from "../last-session.ts";
import { readPrompt, refuseNoPrompt } from "../prompt.ts";
import { createHumanRenderer } from "../render/human.ts";
import { createJsonlRenderer } from "../render/jsonl.ts";
import type { TurnRenderer } from "../render/turn-renderer.ts";
import { warnOn } from "../render/warn-on.ts";
import { type ThreadSettings, agentDirectory, threadSettings } from "../thread-settings.ts";

/** Which session a turn belongs to that is not the first of a new one. */
export type Continuation =
  | { readonly type: "fork"; readonly threadId: string }
  | { readonly type: "resume"; readonly threadId: string }
  | { readonly type: "resume_last"; readonly isAnyDirectory: boolean };

/** `codex-ts exec`: one turn. Exit code 0 when it completed, 1 when it failed, 128 + signal when it was stopped. */
export async function runExec(
  promptArgument: string | undefined,
  options: ExecOptions,
  cliProcess: CliProcess,
  continuation?: Continuation,
): Promise<number> {
  const flags = readExecFlags(options, cliProcess.env);
  refuseNoPrompt(promptArgument, cliProcess);
  return await runExecTask(flags, cliProcess, {
    continuation,
    promptArgument,
    read: async (files) => {
      const input = toTurnInput(await readPrompt(promptArgument, cliProcess), files.images);
      const { cyberAccessProgram } = flags;
      const wanted = given({ outputSchema: files.outputSchema, cyberAccessProgram });
      return {
        input,
        start: (thread, signal) => thread.runTurn(input, { signal, ...wanted }),
      };
    },
  });
}

/** The one turn of a run, and what is known of it before it starts. */
export interface ExecTask {
  /** The prompt, for the program of `notify`. */
  readonly input: readonly TurnInput[];
  /** The target of a review, in a few words. */
  readonly review?: string;
  readonly start: (thread: CodexThread, signal: AbortSignal) => TurnStream;
}

/** Runs one turn with checked options. `read` is called when all else is known to work. */
export async function runExecTask(
  flags: ExecFlags,
  cliProcess: CliProcess,
  {
    continuation,
    promptArgument,
    read,
  }: {
    readonly continuation?: Continuation | undefined;
    readonly promptArgument: string | undefined;
    readonly read: (files: ExecFiles, warn: (message: string) => void) => Promise<ExecTask>;
  },
): Promise<number> {
  const warn = warnOn(cliProcess.stderr);
  const cwd = agentDirectory(flags, cliProcess);
  refuseOutsideGit(flags, cwd);
  const files = await readExecFiles(flags, { cwd: cliProcess.cwd, promptArgument });
  // Git answers while the configuration is read: the first request can say what it said.
  const workspace = beginWorkspaceReading({ cwd, env: cliProcess.env });
  // A certificate bundle that cannot be used is a warning of the thread.
  const network = networkFromEnvironment(cliProcess.env);
  try {
    const { settings, config } = await threadSettings(flags, cliProcess, {
      network,
      warn,
      canAsk: false,
    });
    const { notify } = config;
    const task = await read(files, warn);
    return await runOne(
      { task, notify, files },
      { ...settings, workspace },
      { flags, cliProcess, continuation, warn },
    );
  } finally {
    await workspace.stop();
    await network.dispatcher.destroy();
  }
}

interface Run {
  readonly task: ExecTask;
  readonly files: ExecFiles;
  readonly notify: readonly string[] | undefined;
}

interface RunContext {
  readonly flags: ExecFlags;
  readonly cliProcess: CliProcess;
  readonly continuation: Continuation | undefined;
  readonly warn: (message: string) => void;
}

async function runOne(
  run: Run,
  settings: ThreadSettings,
  { flags, cliProcess, continuation, warn }: RunContext,
): Promise<number> {
  const renderer = flags.isJson
    ? createJsonlRenderer({
        write: (text) => cliProcess.stdout.write(text),
        errorPolicy:
          settings.errorPolicy ?? compatibilityProfile(settings.compatibility).errorPolicy,
      })
    : createHumanRenderer(cliProcess, { color: flags.color });
  const { attemptEnded: onAttemptEnded, threadEvent: onEvent, clear } = renderer;
  const thread = await openThread(continuation, {
    ...settings,
    ...(onAttemptEnded !== undefined && { observeTransport: () => ({ onAttemptEnded }) }),
    ...given({ onEvent }),
    onWarning: (message) => {
      clear?.();
      warn(message);
    },
  });
  try {
    renderer.threadStarted({
      thread,
      model: typeof settings.model === "string" ? settings.model : settings.model.slug,
      providerId: settings.provider.id,
      cwd: settings.cwd,
      sandboxMode: settings.sandboxMode ?? "read-only",
      review: run.task.review,
    });
    return await runTurn(thread, run, {
      renderer,
      cliProcess,
      settings,
      warn,
    });
  } finally {
    await thread.close();
  }
}

/** A new thread, or the one that goes on. */
async function openThread(
  continuation: Continuation | undefined,
  settings: ThreadSettings,
): Promise<CodexThread> {
  try {
    if (continuation === undefined) return await createThread(settings);
    if (continuation.type === "fork") return await forkThread(continuation.threadId, settings);
    const threadId =
      continuation.type === "resume"
        ? continuation.threadId
        : await lastThreadId({ ...settings, isAnyDirectory: continuation.isAnyDirectory });
    return await resumeThread(threadId, settings);
  } catch (error) {
    if (ThreadError.is(error)) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

/** Nothing is asked before a command changes files, so undoing has to be possible. */
function refuseOutsideGit(flags: ExecFlags, directory: string): void {
  const isAllowed = flags.skipGitRepoCheck || flags.dangerouslyBypassApprovalsAndSandbox === true;
  if (isAllowed || isInsideGitWorkTree(directory)) return;
  throw new CommandError(
    `${directory} is not inside a git work tree: pass --skip-git-repo-check to run there all the same`,
  );
}

interface TurnContext {
  readonly renderer: TurnRenderer;
  readonly cliProcess: CliProcess;
  readonly settings: ThreadSettings;
  readonly warn: (message: string) => void;
}

async function runTurn(
  thread: CodexThread,
  { task, files, notify }: Run,
  { renderer, cliProcess, settings, warn }: TurnContext,
): Promise<number> {
  const { interrupted, commandName } = cliProcess;
  let last: TurnEvent | undefined;
  const turn = task.start(thread, interrupted);
  for await (const event of turn) {
    renderer.turnEvent(event);
    last = event;
  }
  if (last?.type === "turnCompleted") {
    const { lastAgentMessage } = last;
    if (files.lastMessageFile !== undefined) {
      writeLastMessage(files.lastMessageFile, lastAgentMessage, warn);
    }
    if (notify !== undefined) {
      const { notifyTurnEnd } = await import("../notify.ts");
      const { threadId } = thread;
      const { turnId } = turn;
      const { input } = task;
      const completed = { threadId, turnId, cwd: settings.cwd, input, lastAgentMessage };
      await notifyTurnEnd(notify, completed, cliProcess, warn);
    }
    return 0;
  }
  if (last?.type === "turnFailed") {
    const { provider } = settings;
    // Not loaded for turns that work.
    const { failedTurnError } = await import("../failed-turn.ts");
    const { turnId } = turn;
    throw await failedTurnError(last.error, { thread, turnId, provider, commandName });
  }
  return stoppedExitCode(interrupted);
}

/** Codex 0.140 and 0.171 exit with 1 after a turn that Ctrl-C has ended; for other signals as shells report them. */
function stoppedExitCode(interrupted: AbortSignal): number {
  const exitCode = interruptionExitCode(interrupted);
  return exitCode === undefined || exitCode === SIGINT_EXIT_CODE ? 1 : exitCode;
}
