import type { Readable, Writable } from "node:stream";

/** The part of a process that a command uses, so that a test can run one in its own process. */
export interface CliProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute working directory. */
  readonly cwd: string;
  /** Home directory of the user; `undefined` for a user who has none. */
  readonly homeDirectory: string | undefined;
  /** How the user starts this program, for commands we suggest: `codex-ts`, or `npx -y pnpm@12 start` in a checkout. */
  readonly commandName: string;
  readonly stdin: TextInput;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Standard input and output for messages: what is written does not hold up the process while nobody reads. */
  readonly messageStreams: () => { readonly input: Readable; readonly output: Writable };
  /** Opens a page in the user's browser, as far as there is one. */
  readonly openUrl: (url: string) => void;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, and when nobody reads stdout any more; the reason is an `Interruption`. */
  readonly interrupted: AbortSignal;
}

/** Bytes given to the process. */
export interface TextInput extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean;
  /** Gives up waiting for more. */
  destroy?(): unknown;
}

/** Where text goes. */
export interface TextOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal; absent when it is none. */
  readonly columns?: number;
}

/** 128 + 2, as shells report it. */
export const SIGINT_EXIT_CODE = 130;

/** Why a running command has to stop. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** 128 + number of the signal, as shells report it. */
  readonly exitCode: number;

  constructor(what: string, exitCode: number) {
    super(`stopped by ${what}`);
    this.exitCode = exitCode;
  }
}

/** Exit code of a command that was asked to stop; `undefined` when it was not. */
export function interruptionExitCode(signal: AbortSignal): number | undefined {
  return signal.aborted && signal.reason instanceof Interruption
    ? signal.reason.exitCode
    : undefined;
}
