import { logout } from "@codex-ts/model-provider";
import type { CliProcess } from "../cli-process.ts";
import { withCredentialSettings } from "../credential-settings.ts";
import type { GlobalOptions } from "../global-options.ts";

/** `codex-ts logout`: exit code 0 with or without a login; the server is notified as far as possible. */
export async function runLogout(options: GlobalOptions, cliProcess: CliProcess): Promise<number> {
  return withCredentialSettings(options, cliProcess, async ({ context }) => {
    const wasLoggedIn = await logout(context);
    cliProcess.stderr.write(`${wasLoggedIn ? "Successfully logged out" : "Not logged in"}\n`);
    return 0;
  });
}
