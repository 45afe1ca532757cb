/** Code of a system error, such as `ENOENT`, for a message. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown error";
}
