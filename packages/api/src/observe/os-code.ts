/** Errors inside errors that are followed. */
const MAX_DEPTH = 6;
const CODE = /^[A-Z][A-Z0-9_]{2,63}$/;

/** Code of the operating system, the resolver or TLS in an error or what it was caused by, e.g. `ECONNREFUSED`. */
export function osCodeOf(error: unknown, depth: number = MAX_DEPTH): string | undefined {
  if (depth === 0 || !(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string" && CODE.test(code)) return code;
  // Of attempts at several addresses, the first is as informative as any.
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
  return osCodeOf(inner, depth - 1) ?? osCodeOf(error.cause, depth - 1);
}
