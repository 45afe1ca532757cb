import { networkFromEnvironment } from "@codex-ts/api";
import { createAppServer } from "@codex-ts/app-server";
import { appServerHost } from "../app-server-host.ts";
import { type CliProcess, interruptionExitCode } from "../cli-process.ts";
import { codexHome, readInstallationId } from "../codex-home.ts";
import { loadConfig } from "../config-file.ts";
import { parseOverride } from "../config-overrides.ts";
import type { GlobalOptions } from "../global-options.ts";
import { stripToOneLine } from "../render/strip-control.ts";
import { cliVersion } from "../version.ts";

/** `codex-ts app-server`: serves one client until it is gone. Exit code 0, or 128 + signal when it was stopped. */
export async function runAppServer(
  options: GlobalOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const warn = (message: string): void => {
    cliProcess.stderr.write(`warning: ${stripToOneLine(message)}\n`);
  };
  const home = codexHome(cliProcess);
  const { profile } = options;
  // What is wrong with the configuration is said before a client depends on it.
  const { config } = loadConfig({ home, profile, overrides: options.config.map(parseOverride) });
  const network = networkFromEnvironment(cliProcess.env);
  const { interrupted } = cliProcess;
  const host = appServerHost({ options, cliProcess, home, network, warn });
  const server = createAppServer({
    host,
    codexHome: home,
    cwd: cliProcess.cwd,
    installationId: readInstallationId(home, warn),
    version: cliVersion(),
    userAgent: host.userAgent,
    ...(config.compatibility !== undefined && { compatibility: config.compatibility }),
  });
  try {
    await server.serve(cliProcess.messageStreams(), { signal: interrupted });
    return interruptionExitCode(interrupted) ?? 0;
  } finally {
    await network.dispatcher.destroy();
  }
}
