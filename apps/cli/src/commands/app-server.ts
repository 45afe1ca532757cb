import { networkFromEnvironment } from "@codex-ts/api";
import { createAppServer } from "@codex-ts/app-server";
import { appServerHost } from "../app-server-host.ts";
import { type CliProcess, interruptionExitCode } from "../cli-process.ts";
import { codexHome, readInstallationId } from "../codex-home.ts";
import { loadConfigFor } from "../config-file.ts";
import type { GlobalOptions } from "../global-options.ts";
import { warnOn } from "../render/warn-on.ts";
import { cliVersion } from "../version.ts";

/** `codex-ts app-server`: serves one client until it is gone. Exit code 0, or 128 + signal when it was stopped. */
export async function runAppServer(
  options: GlobalOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const warn = warnOn(cliProcess.stderr);
  const home = codexHome(cliProcess);
  // What is wrong with the configuration is said before a client depends on it.
  const { config } = loadConfigFor(options, home);
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
