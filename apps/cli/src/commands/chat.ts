import { networkFromEnvironment } from "@codex-ts/api";
import { Chat, type ChatBeginning } from "../chat/chat.ts";
import { Terminal } from "../chat/terminal.ts";
import { type CliProcess, interruptionExitCode } from "../cli-process.ts";
import { codexHome } from "../codex-home.ts";
import { loadConfigFor } from "../config-file.ts";
import type { ConfigOverride } from "../config-overrides.ts";
import { usableImages } from "../exec-files.ts";
import { lastThreadId } from "../last-session.ts";
import { oneOf } from "../one-of.ts";
import { createHumanRenderer } from "../render/human.ts";
import { warnOn } from "../render/warn-on.ts";
import { type ThreadCommandOptions, readThreadFlags } from "../thread-flags.ts";
import { type ThreadSettings, threadSettings } from "../thread-settings.ts";

/** Options of `chat` and `resume` as they stand on the command line. */
export interface ChatOptions extends ThreadCommandOptions {
  readonly askForApproval?: string;
  readonly search?: boolean;
}

/** With what a chat begins. */
export interface ChatStart {
  /** The first message. Default: the user is asked. */
  readonly prompt?: string | undefined;
  /** Which session goes on. Default: a new one begins. */
  readonly resume?:
    | { readonly type: "id"; readonly threadId: string }
    | { readonly type: "last" | "chosen"; readonly isAnyDirectory: boolean };
}

const APPROVAL_POLICIES = ["on-request", "never"] as const;

/** Whether a model to chat with is configured. */
export function canChat(options: ChatOptions, cliProcess: CliProcess): boolean {
  const { config } = loadConfigFor(options, codexHome(cliProcess), { cwd: cliProcess.cwd });
  return config.model !== undefined && config.model.trim() !== "";
}

/** A chat in a terminal. Exit code 0 when the user leaves, 128 + signal when it was stopped. */
export async function runChat(
  options: ChatOptions,
  cliProcess: CliProcess,
  { prompt, resume }: ChatStart = {},
): Promise<number> {
  const flags = readThreadFlags(options, cliProcess.env);
  const overrides = [...(flags.overrides ?? []), ...chatOverrides(options)];
  const { cwd } = cliProcess;
  const images = await usableImages(flags.images, { cwd, promptArgument: prompt });
  const terminal = new Terminal(cliProcess.messageStreams());
  const renderer = createHumanRenderer(cliProcess, { typed: () => terminal.typed });
  const warnLine = warnOn(cliProcess.stderr);
  const warn = (message: string): void => {
    renderer.clear?.();
    warnLine(message);
  };
  const network = networkFromEnvironment(cliProcess.env);
  try {
    const { settings, config } = await threadSettings({ ...flags, overrides }, cliProcess, {
      network,
      warn,
      canAsk: true,
    });
    const chat = new Chat({
      settings: { ...settings, sessionSource: "cli" },
      notify: config.notify,
      terminal,
      renderer,
      cliProcess,
      warn,
    });
    await chat.run({ prompt, images, session: await sessionOf(resume, settings) });
    return interruptionExitCode(cliProcess.interrupted) ?? 0;
  } finally {
    await network.dispatcher.destroy();
  }
}

function chatOverrides({ askForApproval, search }: ChatOptions): readonly ConfigOverride[] {
  const policy = oneOf("--ask-for-approval", askForApproval, APPROVAL_POLICIES);
  return [
    ...(policy === undefined ? [] : [{ path: ["approval_policy"], value: policy }]),
    ...(search === true ? [{ path: ["web_search"], value: "live" }] : []),
  ];
}

async function sessionOf(
  resume: ChatStart["resume"],
  { codexHome: home, cwd }: ThreadSettings,
): Promise<ChatBeginning["session"]> {
  if (resume === undefined) return undefined;
  if (resume.type === "id") return { threadId: resume.threadId };
  const { isAnyDirectory } = resume;
  if (resume.type === "chosen") return { isAnyDirectory };
  return { threadId: await lastThreadId({ codexHome: home, cwd, isAnyDirectory }) };
}
