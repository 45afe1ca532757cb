import { networkFromEnvironment } from "@codex-ts/api";
import { Chat } from "../chat/chat.ts";
import { Terminal } from "../chat/terminal.ts";
import { type CliProcess, interruptionExitCode } from "../cli-process.ts";
import { codexHome } from "../codex-home.ts";
import { loadConfigFor } from "../config-file.ts";
import type { GlobalOptions } from "../global-options.ts";
import { createHumanRenderer } from "../render/human.ts";
import { warnOn } from "../render/warn-on.ts";
import { threadSettings } from "../thread-settings.ts";

/** Whether a model to chat with is configured. */
export function canChat(options: GlobalOptions, cliProcess: CliProcess): boolean {
  const { config } = loadConfigFor(options, codexHome(cliProcess), { cwd: cliProcess.cwd });
  return config.model !== undefined && config.model.trim() !== "";
}

/** `codex-ts` in a terminal: a chat. Exit code 0 when the user leaves, 128 + signal when it was stopped. */
export async function runChat(options: GlobalOptions, cliProcess: CliProcess): Promise<number> {
  const renderer = createHumanRenderer(cliProcess);
  const warnLine = warnOn(cliProcess.stderr);
  const warn = (message: string): void => {
    renderer.clear?.();
    warnLine(message);
  };
  const network = networkFromEnvironment(cliProcess.env);
  try {
    const { settings, config } = await threadSettings(options, cliProcess, {
      network,
      warn,
      canAsk: true,
    });
    const chat = new Chat({
      settings: { ...settings, sessionSource: "cli" },
      notify: config.notify,
      terminal: new Terminal(cliProcess.messageStreams()),
      renderer,
      cliProcess,
      warn,
    });
    await chat.run();
    return interruptionExitCode(cliProcess.interrupted) ?? 0;
  } finally {
    await network.dispatcher.destroy();
  }
}
