import { networkFromEnvironment } from "@codex-ts/api";
import {
  ThreadError,
  beginWorkspaceReading,
  compatibilityProfile,
  createThread,
  forkThread,
  listSessions,
  resumeThread,
} from "@codex-ts/core";
import type { CodexThread, ThreadOptions, TurnEvent } from "@codex-ts/core";
import { type CliProcess, interruptionExitCode } from "../cli-process.ts";
import { CommandError } from "../errors.ts";
import { isInsideGitWorkTree } from "../git-work-tree.ts";
import { failureText } from "../failure-text.ts";
import { readPrompt, refuseNoPrompt } from "../prompt.ts";
import { createHumanRenderer } from "../render/human.ts";
import { createJsonlRenderer } from "../render/jsonl.ts";
import type { TurnRenderer } from "../render/turn-renderer.ts";
import { warnOn } from "../render/warn-on.ts";
import {
  type ThreadFlags,
  type ThreadSettings,
  agentDirectory,
  threadSettings,
} from "../thread-settings.ts";

export interface ExecOptions extends ThreadFlags {
  readonly json?: boolean;
  readonly skipGitRepoCheck?: boolean;
}

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
  const warn = warnOn(cliProcess.stderr);
  const cwd = agentDirectory(options, cliProcess);
  refuseOutsideGit(options, cwd);
  refuseNoPrompt(promptArgument, cliProcess);
  // Git answers while the configuration is read: the first request can say what it said.
  const workspace = beginWorkspaceReading({ cwd, env: cliProcess.env });
  // A certificate bundle that cannot be used is a warning of the thread.
  const network = networkFromEnvironment(cliProcess.env);
  try {
    const settings = await threadSettings(options, cliProcess, {
      network,
      warn,
      canAsk: false,
    });
    return await runPrompt(
      promptArgument,
      { ...settings, workspace },
      { options, cliProcess, continuation },
    );
  } finally {
    await workspace.stop();
    await network.dispatcher.destroy();
  }
}

async function runPrompt(
  promptArgument: string | undefined,
  settings: ThreadSettings,
  {
    options,
    cliProcess,
    continuation,
  }: {
    readonly options: ExecOptions;
    readonly cliProcess: CliProcess;
    readonly continuation: Continuation | undefined;
  },
): Promise<number> {
  const prompt = await readPrompt(promptArgument, cliProcess);
  const renderer =
    options.json === true
      ? createJsonlRenderer({
          write: (text) => cliProcess.stdout.write(text),
          errorPolicy:
            settings.errorPolicy ?? compatibilityProfile(settings.compatibility).errorPolicy,
        })
      : createHumanRenderer(cliProcess);
  const { attemptEnded: onAttemptEnded } = renderer;
  const thread = await openThread(continuation, {
    ...settings,
    ...(onAttemptEnded !== undefined && { observeTransport: () => ({ onAttemptEnded }) }),
  });
  try {
    renderer.threadStarted({
      thread,
      model: typeof settings.model === "string" ? settings.model : settings.model.slug,
      providerId: settings.provider.id,
      cwd: settings.cwd,
      sandboxMode: settings.sandboxMode ?? "read-only",
    });
    return await runTurn(thread, prompt, { renderer, cliProcess, provider: settings.provider });
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
        : await lastThreadId(settings, continuation.isAnyDirectory);
    return await resumeThread(threadId, settings);
  } catch (error) {
    if (ThreadError.is(error)) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

/** Codex starts a new session without a word where there is none; nobody who asks for the last one wants that. */
async function lastThreadId(
  { codexHome, cwd }: ThreadSettings,
  isAnyDirectory: boolean,
): Promise<string> {
  const [last] = await listSessions({
    codexHome,
    limit: 1,
    ...(!isAnyDirectory && { cwd }),
  });
  if (last !== undefined) return last.threadId;
  throw new CommandError(
    isAnyDirectory
      ? `there is no session to resume in ${codexHome}`
      : `no session began in ${cwd}: --all takes the last one of any directory`,
  );
}

/** Nothing is asked before a command changes files, so undoing has to be possible. */
function refuseOutsideGit(options: ExecOptions, directory: string): void {
  const isAllowed =
    options.skipGitRepoCheck === true || options.dangerouslyBypassApprovalsAndSandbox === true;
  if (isAllowed || isInsideGitWorkTree(directory)) return;
  throw new CommandError(
    `${directory} is not inside a git work tree: pass --skip-git-repo-check to run there all the same`,
  );
}

type Provider = ThreadOptions["provider"];

interface TurnContext {
  readonly renderer: TurnRenderer;
  readonly cliProcess: CliProcess;
  readonly provider: Provider;
}

async function runTurn(
  thread: CodexThread,
  prompt: string,
  { renderer, cliProcess: { interrupted, commandName }, provider }: TurnContext,
): Promise<number> {
  let last: TurnEvent | undefined;
  const turn = thread.runTurn(prompt, { signal: interrupted });
  for await (const event of turn) {
    renderer.turnEvent(event);
    last = event;
  }
  if (last?.type === "turnCompleted") return 0;
  if (last?.type === "turnFailed") {
    const { bundlePath } = thread;
    // The reader of the log is not loaded for turns that work.
    const { wireDiagnosis } = await import("../wire-failure.ts");
    const diagnosis = await wireDiagnosis(bundlePath, turn.turnId);
    const text = await failureText(last.error, { provider, commandName, diagnosis });
    const details = diagnosis && `wire: ${bundlePath}`;
    throw new CommandError(text, details === undefined ? {} : { details });
  }
  return interruptionExitCode(interrupted) ?? 1;
}
