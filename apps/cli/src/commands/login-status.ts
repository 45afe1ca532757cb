import { type LoginStatus, loginStatus } from "@codex-ts/model-provider";
import type { CliProcess } from "../cli-process.ts";
import { withCredentialSettings } from "../credential-settings.ts";
import type { GlobalOptions } from "../global-options.ts";
import { stripToOneLine } from "../render/strip-control.ts";

/** `codex-ts login status`: what is stored, without asking anybody. Exit code 1 when nobody is logged in. */
export async function runLoginStatus(
  options: GlobalOptions,
  cliProcess: CliProcess,
): Promise<number> {
  return withCredentialSettings(options, cliProcess, async ({ context }) => {
    const status = await loginStatus(context);
    cliProcess.stderr.write(`${describeStatus(status)}\n`);
    return status.kind === "none" ? 1 : 0;
  });
}

/** Scripts look for these lines; they are those of Codex 0.140. */
function describeStatus(status: LoginStatus): string {
  switch (status.kind) {
    case "none":
      return "Not logged in";
    case "apikey":
      return `Logged in using an API key - ${stripToOneLine(status.maskedKey)}`;
    case "chatgpt":
      return "Logged in using ChatGPT";
    case "personalAccessToken":
      return "Logged in using personal access token";
    case "agentIdentity":
      return "Logged in using access token";
    case "other":
      return `Logged in using ${stripToOneLine(status.mode)}, which codex-ts cannot use`;
    default:
      return status satisfies never;
  }
}
