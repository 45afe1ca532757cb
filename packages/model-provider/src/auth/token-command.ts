import { execFile } from "node:child_process";
import { isAbsolute, resolve } from "node:path";
import { SecretSet, isSecretName, openFilesAdvice } from "@codex-ts/api/internal";
import type { Environment } from "../environment.ts";
import { ProviderError } from "../errors.ts";
import { Mutex } from "../internal/mutex.ts";
import { scrubForeignText } from "../internal/scrub.ts";
import type { TokenCommandInfo } from "../provider-info.ts";
import { Secret } from "../secret.ts";
import { BearerAuthProvider } from "./auth-providers.ts";
import type { AuthSnapshot, CredentialSource } from "./auth-snapshot.ts";
import { type RecoveryOptions, type UnauthorizedRecovery, createRecovery } from "./recovery.ts";

const MAX_OUTPUT_BYTES = 1_048_576;

/** A token command did not deliver a token. Nothing was sent; the message holds the command's name and never what it wrote to stdout. */
export class TokenCommandError extends ProviderError {
  override readonly name = "TokenCommandError";
  readonly code = "token_command_failed";

  constructor(command: string, problem: string) {
    super(`provider auth command \`${command}\` ${problem}`);
  }
}

/** Options of {@link TokenCommandSource}. */
export interface TokenCommandSourceOptions {
  readonly command: TokenCommandInfo;
  /** Inherited by the command. */
  readonly env: Environment;
  /** Monotonic milliseconds for the age of a token. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/**
 * Bearer tokens from a program: run at first use, again when the token is older than the configured interval, and after
 * a 401. Callers that come at the same time share one run. Source: docs/behavior/model-provider.md 10.1.
 */
export class TokenCommandSource implements CredentialSource {
  readonly #command: TokenCommandInfo;
  readonly #env: Environment;
  readonly #now: () => number;
  readonly #mutex = new Mutex();
  #cached: { readonly snapshot: AuthSnapshot; readonly fetchedAtMs: number } | undefined;
  /** The last one, also when it is no longer used. */
  #token: Secret | undefined;
  #generation = 0;

  constructor(options: TokenCommandSourceOptions) {
    this.#command = options.command;
    this.#env = options.env;
    this.#now = options.now ?? (() => performance.now());
  }

  async auth(): Promise<AuthSnapshot> {
    return this.#mutex.run(async () => this.#fresh() ?? this.#run());
  }

  unauthorizedRecovery(options?: RecoveryOptions): UnauthorizedRecovery {
    return createRecovery(
      {
        mode: () => "external",
        fingerprint: () => (this.#cached === undefined ? undefined : String(this.#generation)),
        availability: () => "ready",
        reload: async () => "unchanged",
        renew: async (signal) => {
          await this.#mutex.run(() => this.#run(signal));
        },
      },
      options,
    );
  }

  #fresh(): AuthSnapshot | undefined {
    const { refreshIntervalMs } = this.#command;
    const cached = this.#cached;
    if (cached === undefined) return undefined;
    const isFresh = refreshIntervalMs === 0 || this.#now() - cached.fetchedAtMs < refreshIntervalMs;
    return isFresh ? cached.snapshot : undefined;
  }

  async #run(signal?: AbortSignal): Promise<AuthSnapshot> {
    const token = await runTokenCommand(this.#command, this.#env, signal);
    // A server may still speak of the one that it has refused.
    const knownSecrets = this.#token === undefined ? [] : [this.#token];
    this.#token = token;
    const authProvider = new BearerAuthProvider({ token, knownSecrets });
    const snapshot: AuthSnapshot = { mode: "apikey", accountId: undefined, authProvider };
    this.#cached = { snapshot, fetchedAtMs: this.#now() };
    this.#generation += 1;
    return snapshot;
  }
}

/** Runs the command once, without a shell and without input. Rejects with `TokenCommandError`. */
async function runTokenCommand(
  info: TokenCommandInfo,
  env: Environment,
  signal?: AbortSignal,
): Promise<Secret> {
  const fail = (problem: string) => new TokenCommandError(info.command, problem);
  const { error, stdout, stderr } = await execute(info, env, signal).catch(() => {
    throw fail("failed to start: its name, directory or an argument is not usable");
  });
  signal?.throwIfAborted();
  if (error !== null) {
    const secrets = new SecretSet([...secretsOfCommand(info, env), stdout.toString("utf8")]);
    throw fail(describeFailure(error, scrubForeignText(stderr.toString("utf8"), secrets), info));
  }
  const token = decodeUtf8(stdout)?.trim();
  if (token === undefined) throw fail("wrote non-UTF-8 data to stdout");
  if (token === "") throw fail("produced an empty token");
  return new Secret(token);
}

type CommandError = Error & { code?: unknown; killed?: boolean; signal?: string | null };

interface CommandOutcome {
  readonly error: CommandError | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

async function execute(
  info: TokenCommandInfo,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<CommandOutcome> {
  const { promise, resolve: settle } = Promise.withResolvers<CommandOutcome>();
  const child = execFile(
    programPath(info),
    [...info.args],
    {
      env: { ...env },
      encoding: "buffer",
      timeout: info.timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: MAX_OUTPUT_BYTES,
      windowsHide: true,
      ...(info.cwd === undefined ? {} : { cwd: info.cwd }),
      ...(signal === undefined ? {} : { signal }),
    },
    (error, stdout, stderr) => settle({ error, stdout, stderr }),
  );
  // A command that ends without reading breaks the pipe, which is its good right.
  child.stdin?.on("error", () => {});
  child.stdin?.end();
  return promise;
}

/** A bare name is looked up on `PATH`; anything with a separator is relative to the command's directory. */
function programPath({ command, cwd }: TokenCommandInfo): string {
  const hasSeparator = /[/\\]/.test(command);
  return isAbsolute(command) || !hasSeparator ? command : resolve(cwd ?? ".", command);
}

/** Credentials that a command is given, and may repeat in its complaints: by arguments and by its environment. */
function* secretsOfCommand({ args }: TokenCommandInfo, env: Environment): Generator<string> {
  for (const [index, argument] of args.entries()) {
    const equals = argument.indexOf("=");
    if (equals > 0 && isSecretName(argument.slice(0, equals))) yield argument.slice(equals + 1);
    const before = args[index - 1] ?? "";
    if (before.startsWith("-") && isSecretName(before)) yield argument;
  }
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && isSecretName(name)) yield value;
  }
}

function describeFailure(
  error: CommandError,
  shown: string,
  { timeoutMs }: TokenCommandInfo,
): string {
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "wrote too much output";
  if (error.killed === true) return `timed out after ${timeoutMs} ms`;
  if (typeof error.code === "string") {
    const advice = openFilesAdvice(error.code);
    return `failed to start: ${error.code}${advice === undefined ? "" : `, ${advice}`}`;
  }
  const status =
    typeof error.code === "number" ? String(error.code) : `signal ${error.signal ?? "unknown"}`;
  return `exited with status ${status}${shown === "" ? "" : `: ${shown}`}`;
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
