import { networkFromEnvironment } from "@codex-ts/api";
import { beginWorkspaceReading, compatibilityProfile, createThread } from "@codex-ts/core";
import type { CodexThread, ThreadOptions, TurnEvent, TurnFailure } from "@codex-ts/core";
import { type CliProcess, interruptionExitCode } from "../cli-process.ts";
import { CommandError } from "../errors.ts";
import { isInsideGitWorkTree } from "../git-work-tree.ts";
import type { GlobalOptions } from "../global-options.ts";
import { readPrompt } from "../prompt.ts";
import { createHumanRenderer } from "../render/human.ts";
import { createJsonlRenderer } from "../render/jsonl.ts";
import { stripToOneLine } from "../render/strip-control.ts";
import type { TurnRenderer } from "../render/turn-renderer.ts";
import { type ThreadFlags, agentDirectory, threadSettings } from "../thread-settings.ts";

export interface ExecOptions extends ThreadFlags, GlobalOptions {
  readonly json?: boolean;
  readonly skipGitRepoCheck?: boolean;
}

/** `codex-ts exec`: one turn. Exit code 0 when it completed, 1 when it failed, 128 + signal when it was stopped. */
export async function runExec(
  promptArgument: string | undefined,
  options: ExecOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const warn = (message: string): void => {
    cliProcess.stderr.write(`warning: ${stripToOneLine(message)}\n`);
  };
  const cwd = agentDirectory(options, cliProcess);
  refuseOutsideGit(options, cwd);
  // Git answers while the configuration is read: the first request can say what it said.
  const workspace = beginWorkspaceReading({ cwd, env: cliProcess.env });
  // A certificate bundle that cannot be used is a warning of the thread.
  const network = networkFromEnvironment(cliProcess.env);
  try {
    const settings = await threadSettings(options, cliProcess, { network, warn });
    return await runPrompt(promptArgument, { ...settings, workspace }, { options, cliProcess });
  } finally {
    await workspace.stop();
    await network.dispatcher.destroy();
  }
}

async function runPrompt(
  promptArgument: string | undefined,
  settings: ThreadOptions,
  { options, cliProcess }: { readonly options: ExecOptions; readonly cliProcess: CliProcess },
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
  const thread = await createThread(settings);
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
  for await (const event of thread.runTurn(prompt, { signal: interrupted })) {
    renderer.turnEvent(event);
    last = event;
  }
  if (last?.type === "turnCompleted") return 0;
  if (last?.type === "turnFailed") {
    throw new CommandError(await failureText(last.error, provider, commandName));
  }
  return interruptionExitCode(interrupted) ?? 1;
}

/** Text of a failed turn for a person; programs read it from the JSON lines as it is. */
async function failureText(
  { message, status }: TurnFailure,
  provider: Provider,
  commandName: string,
): Promise<string> {
  if (message.startsWith("Missing environment variable:"))
    return `${message} Set it and run again.`;
  const isLoggedOut = provider.info.requiresOpenaiAuth && !(await provider.authMode?.());
  return status === 401 && isLoggedOut
    ? `${message}; nobody is logged in: ${commandName} login`
    : message;
}
