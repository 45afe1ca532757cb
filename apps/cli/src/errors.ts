const BRAND = Symbol.for("codex-ts.error.CliError");

/** A problem the user can fix: one line that says how, and the exit code of the process. */
export abstract class CliError extends Error {
  abstract readonly code: "usage" | "failed";
  abstract readonly exitCode: number;
  /** Lines that stand below the message, e.g. an excerpt of a file. */
  readonly details: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly details?: string } = {}) {
    super(message, options);
    this.details = options.details;
  }

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  static is(error: unknown): error is CliError {
    return typeof error === "object" && error !== null && BRAND in error;
  }
}

/** The command line cannot be understood. */
export class UsageError extends CliError {
  override readonly name = "UsageError";
  readonly code = "usage";
  readonly exitCode = 2;
}

/** The command line is fine but the command cannot do its work. */
export class CommandError extends CliError {
  override readonly name = "CommandError";
  readonly code = "failed";
  readonly exitCode = 1;
}

/** `error` as one line for a person; with `verbose` its stack and causes follow. */
export function describeError(error: unknown, verbose: boolean): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  const line = message.replaceAll(/\s*\n\s*/g, " ").trim();
  return verbose && error instanceof Error ? `${line}\n${stackOf(error)}` : line;
}

function stackOf(error: Error): string {
  const stack = error.stack ?? String(error);
  return error.cause instanceof Error ? `${stack}\ncaused by: ${stackOf(error.cause)}` : stack;
}

/** Text of a failed file operation without the words Node puts around it. */
export function fileProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "EISDIR") return "it is a directory";
  if (code === "ENOTDIR") return "part of the path is not a directory";
  if (code === "ELOOP") return "it is a link that leads nowhere but to links";
  if (code === "ENOSPC") return "no space is left";
  if (code === "EROFS") return "the file system is read-only";
  return describeError(error, false);
}
