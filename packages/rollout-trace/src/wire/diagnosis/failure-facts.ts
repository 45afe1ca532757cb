import type { WireAttemptEnded, WireError } from "../records.ts";

const WITHOUT_TLS = /WRONG_VERSION_NUMBER|^EPROTO$/;

/** The other side does not speak TLS: its certificate is not the matter. */
export function isWithoutTls(error: WireError | undefined): boolean {
  if (error?.reason !== undefined) return error.reason === "no_tls";
  return WITHOUT_TLS.test(error?.os_code ?? "");
}

/** The input is longer than the model's context window. */
export function isContextExceeded(error: WireError | undefined): boolean {
  return (
    error?.code === "context_window_exceeded" || error?.server_code === "context_length_exceeded"
  );
}

/** How long a stream was silent when it was given up, in microseconds. */
export function silenceUs({ t }: WireAttemptEnded): number {
  return t.ended - (t.last_event ?? t.responded ?? t.sent ?? 0);
}
