import {
  type AccountFacts,
  checkLoginMethod,
  loginWithAccessToken,
  loginWithApiKey,
  loginWithBrowser,
  loginWithDeviceCode,
} from "@codex-ts/model-provider";
import type { CliProcess } from "../cli-process.ts";
import { type CredentialSettings, withCredentialSettings } from "../credential-settings.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { GlobalOptions } from "../global-options.ts";
import { stripToOneLine } from "../render/strip-control.ts";
import { readStdin } from "../stdin.ts";

export interface LoginOptions extends GlobalOptions {
  readonly deviceAuth?: boolean;
  readonly withApiKey?: boolean;
  readonly withAccessToken?: boolean;
  /** Hidden; another authorization server, client and callback port. */
  readonly experimental_issuer?: string;
  readonly experimental_clientId?: string;
  readonly experimental_callbackPort?: string;
}

/** `codex-ts login`: stores a login and says whose it is. Nothing is stored when it fails or is stopped. */
export async function runLogin(options: LoginOptions, cliProcess: CliProcess): Promise<number> {
  const ports = readPorts(options.experimental_callbackPort);
  return withCredentialSettings(options, cliProcess, async (settings) => {
    const isApiKey = options.withApiKey === true;
    checkLoginMethod(isApiKey ? "api" : "chatgpt", settings.forcedLoginMethod);
    const account = await logIn(options, settings, { cliProcess, ports });
    cliProcess.stderr.write(`Successfully logged in${whose(account)}\n`);
    if (isApiKey) cliProcess.stderr.write("the key is checked when a request is sent\n");
    return 0;
  });
}

async function logIn(
  options: LoginOptions,
  { context }: CredentialSettings,
  {
    cliProcess,
    ports,
  }: { readonly cliProcess: CliProcess; readonly ports: readonly number[] | undefined },
): Promise<AccountFacts | undefined> {
  const { stderr, interrupted: signal, commandName } = cliProcess;
  if (options.withApiKey === true) {
    await loginWithApiKey(context, await readCredential(cliProcess, "the API key"));
    return undefined;
  }
  if (options.withAccessToken === true) {
    return loginWithAccessToken(context, await readCredential(cliProcess, "the access token"));
  }
  const issuer = { issuer: options.experimental_issuer, clientId: options.experimental_clientId };
  if (options.deviceAuth === true) {
    return loginWithDeviceCode(context, {
      ...issuer,
      signal,
      onCode: ({ verificationUrl, userCode }) => {
        stderr.write(`open this page on any device and log in there:\n\n  ${verificationUrl}\n\n`);
        stderr.write(
          `then enter this code (valid for 15 minutes):\n\n  ${stripToOneLine(userCode)}\n\n`,
        );
        stderr.write("only enter it there, and never give it to anybody who asks for it\n");
      },
    });
  }
  return loginWithBrowser(context, {
    ...issuer,
    ports,
    signal,
    onUrl: (url) => {
      stderr.write(`log in on this page; if no browser opens, open it yourself:\n\n  ${url}\n\n`);
      stderr.write(`without a browser on this machine: ${commandName} login --device-auth\n`);
      cliProcess.openUrl(url);
    },
  });
}

async function readCredential(cliProcess: CliProcess, what: string): Promise<string> {
  if (cliProcess.stdin.isTTY === true) {
    throw new CommandError(
      `${what} is read from standard input, which is a terminal: pipe it in, e.g. from a file or a password manager`,
    );
  }
  return readStdin(cliProcess, what);
}

function whose(account: AccountFacts | undefined): string {
  return account?.email === undefined ? "" : ` as ${stripToOneLine(account.email)}`;
}

function readPorts(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return [port];
  throw new UsageError("--experimental_callback-port: expected a number from 0 to 65535");
}
