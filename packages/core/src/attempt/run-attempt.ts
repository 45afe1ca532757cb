import type { ErrorPolicy, ResponseStream } from "@codex-ts/api";
import type { ResponseEvent } from "@codex-ts/protocol";
import { AttemptEnd } from "./attempt-end.ts";
import type { TerminalRecorder } from "./attempt-end.ts";
import type { InferenceMeter } from "./inference-meter.ts";
import { toRequestFailure } from "./request-failure.ts";
import { mapAttempt } from "./stream-mapper.ts";
import type { MapResponseEventsOptions, MappedResponseStream } from "./stream-mapper.ts";
import { upstreamRequestIdOf } from "./request-id-of-error.ts";

/** Where one attempt is recorded and measured. */
interface RunAttemptOptions {
  readonly attempt: TerminalRecorder;
  /** Absent for requests without observers: warm-ups, compactions. */
  readonly meter: InferenceMeter | undefined;
  readonly signal: AbortSignal;
  readonly errorPolicy: ErrorPolicy;
  /** See `MapResponseEventsOptions.identify`. */
  readonly identify?: MapResponseEventsOptions["identify"];
}

/** Sends the request of an attempt, and says the upstream request id as soon as it is known, also of a refusal. */
export type SendAttempt = (
  onUpstreamRequestId: (id: string | undefined) => void,
) => Promise<ResponseStream>;

/**
 * Makes one attempt to get a response and maps the response. Rejects with the error of `send`, after the end of the
 * attempt was reported.
 */
export async function runAttempt(
  send: SendAttempt,
  { attempt, meter, signal, errorPolicy, identify }: RunAttemptOptions,
): Promise<MappedResponseStream> {
  const describeError = (error: unknown): string => toRequestFailure(error, errorPolicy).message;
  const end = new AttemptEnd(attempt, (terminal, requestId) => meter?.finish(terminal, requestId));
  let source: ResponseStream;
  let knownRequestId: string | undefined;
  try {
    source = await send((id) => {
      knownRequestId = id;
    });
  } catch (error) {
    // A request that got no response: refused, unreachable, or given up by the caller.
    end.report(
      signal.aborted
        ? { status: "cancelled" }
        : { status: "failed", error, message: describeError(error) },
      {
        upstreamRequestId: upstreamRequestIdOf(error) ?? knownRequestId,
        isIdUnrecorded: signal.aborted && errorPolicy === "0.140",
        outputItems: [],
      },
    );
    throw error;
  }
  const { upstreamRequestId } = source;
  const onEvent = (event: ResponseEvent): void => meter?.onEvent(event);
  const facts = { source, upstreamRequestId, attempt, describeError, onEvent, signal, identify };
  return mapAttempt(facts, end);
}
