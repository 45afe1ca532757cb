const CODES: ReadonlySet<string> = new Set(["EMFILE", "ENFILE"]);

/** Advice for the error code of a process or a system that has as many files and sockets open as it may. */
export function openFilesAdvice(code: string): string | undefined {
  return CODES.has(code)
    ? "no more files can be opened: close some, or raise the limit (ulimit -n)"
    : undefined;
}
