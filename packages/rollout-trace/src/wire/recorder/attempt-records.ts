import type {
  AttemptEnded,
  AttemptError,
  AttemptResponded,
  AttemptStarted,
  AttemptTimings,
  ConnectionClosed,
  ConnectionOpened,
} from "@codex-ts/protocol";
import type {
  WireAttemptEnded,
  WireAttemptResponded,
  WireAttemptStarted,
  WireClose,
  WireConnectionClosed,
  WireConnectionOpened,
  WireError,
  WireRequestBody,
  WireRequestFacts,
  WireTimes,
} from "../records.ts";
import { boundedText } from "./bounded-text.ts";
import { keptRequestHeaders, keptResponseHeaders, requestIds } from "./kept-headers.ts";
import { shownUrl } from "./shown-url.ts";

type New<Record> = Omit<Record, "seq" | "at_ms">;

const MAX_MESSAGE_BYTES = 500;
const NO_CLOSE_FRAME = 1006;

export function attemptStarted(
  facts: WireRequestFacts,
  attempt: AttemptStarted,
): New<WireAttemptStarted> {
  return {
    type: "attempt_started",
    ...facts,
    transport: attempt.transport,
    endpoint: attempt.endpoint,
    attempt_number: attempt.attemptNumber,
    method: boundedText(attempt.method),
    url: shownUrl(attempt.url),
    queued_at_ms: Math.trunc(attempt.queuedAtMs),
    ...connectionOf(attempt),
    request: requestBody(attempt),
  };
}

function requestBody({ requestBody: body, ...attempt }: AttemptStarted): WireRequestBody {
  return {
    bytes: attempt.requestBytes,
    ...(body && {
      body_bytes: body.bytes,
      encoding: body.encoding,
      body_sha256: body.sha256,
      ...(body.previousResponseId !== undefined && {
        previous_response_id: boundedText(body.previousResponseId),
      }),
      ...(body.inputItems !== undefined && { input_items: body.inputItems }),
      ...(body.generate !== undefined && { generate: body.generate }),
    }),
    headers: keptRequestHeaders(attempt.requestHeaders),
  };
}

export function attemptResponded(
  facts: WireRequestFacts,
  response: AttemptResponded,
): New<WireAttemptResponded> {
  return {
    type: "attempt_responded",
    ...facts,
    status: response.status,
    request_ids: requestIds(response.responseHeaders),
    headers: keptResponseHeaders(response.responseHeaders),
    t: { responded: response.respondedUs },
  };
}

export function attemptEnded(
  facts: WireRequestFacts,
  attempt: AttemptEnded,
): New<WireAttemptEnded> {
  const timeout = timeoutOf(attempt);
  return {
    type: "attempt_ended",
    ...facts,
    outcome: attempt.outcome,
    ...(attempt.status !== undefined && { status: attempt.status }),
    ...(attempt.responseHeaders && { request_ids: requestIds(attempt.responseHeaders) }),
    ...(attempt.responseId !== undefined && { response_id: boundedText(attempt.responseId) }),
    ...connectionOf(attempt),
    ...(attempt.connectionReused !== undefined && { reused: attempt.connectionReused }),
    redirects: attempt.redirects,
    t: times(attempt.timings),
    response_bytes: attempt.responseBytes,
    events: attempt.eventCount,
    max_gap_us: attempt.maxGapUs,
    max_gap_after: attempt.maxGapAfter === undefined ? null : boundedText(attempt.maxGapAfter),
    stalls: attempt.stallCount,
    ...(timeout !== undefined && { timeout }),
    ...(attempt.closeCode !== undefined && {
      close: closeOf(attempt.closeCode, attempt.closeReason, attempt.closedBy ?? "network"),
    }),
    ...(attempt.error !== undefined && { error: errorOf(attempt.error, attempt) }),
    retry: { will_retry: attempt.retry.willRetry, reason: attempt.retry.reason },
  };
}

function connectionOf({
  connectionId,
  position,
}: AttemptStarted): Pick<WireAttemptStarted, "connection_id" | "position"> {
  return {
    ...(connectionId !== undefined && { connection_id: connectionId }),
    ...(position !== undefined && { position }),
  };
}

/** Which wait took too long. */
function timeoutOf(attempt: AttemptEnded): WireAttemptEnded["timeout"] {
  if (attempt.idleTimeout) return attempt.eventCount === 0 ? "first_event" : "idle";
  if (attempt.error?.code !== "timeout") return undefined;
  const isHandshake = attempt.endpoint === "handshake";
  return isHandshake || attempt.timings.connectedUs === undefined ? "connect" : "first_event";
}

function times(timings: AttemptTimings): WireTimes {
  return {
    credentials: timings.credentialsUs ?? null,
    connected: timings.connectedUs ?? null,
    sent: timings.sentUs ?? null,
    responded: timings.respondedUs ?? null,
    first_byte: timings.firstByteUs ?? null,
    first_event: timings.firstEventUs ?? null,
    first_output: timings.firstOutputUs ?? null,
    last_event: timings.lastEventUs ?? null,
    ended: timings.endedUs,
  };
}

function closeOf(code: number, reason: string | undefined, by: WireClose["by"]): WireClose {
  return {
    code,
    ...(reason !== undefined && reason !== "" && { reason: boundedText(reason) }),
    by,
    clean: code !== NO_CLOSE_FRAME,
  };
}

function errorOf(error: AttemptError, { osCode, status }: AttemptEnded): WireError {
  const { code, reason, serverCode } = error;
  const knownStatus = error.status ?? (code === "http_status" ? status : undefined);
  return {
    code,
    ...(reason !== undefined && { reason }),
    ...(osCode !== undefined && { os_code: osCode }),
    ...(knownStatus !== undefined && { status: knownStatus }),
    ...(serverCode !== undefined && { server_code: boundedText(serverCode) }),
    message: boundedText(messageOf(error), MAX_MESSAGE_BYTES),
  };
}

/** The server's own words where there are some: the message of a refusal repeats its body. */
function messageOf(error: AttemptError): string {
  const { code, reason, status, message, serverCode, serverMessage } = error;
  if (reason === "not_understood") return "no event of the Responses API came";
  // Without a code they are no event's, but what came in place of a response; the message quotes it behind its own words.
  if (code === "stream" && serverCode === undefined) return message.split("; ", 1)[0] ?? message;
  if (serverMessage !== undefined && serverMessage !== "") return serverMessage;
  return code === "http_status" ? `http ${status ?? "error"}` : message;
}

export function connectionOpened(connection: ConnectionOpened): New<WireConnectionOpened> {
  const { upstreamRequestId, cfRay } = connection;
  return {
    type: "connection_opened",
    connection_id: connection.connectionId,
    attempt_id: connection.attemptId,
    url: shownUrl(connection.url),
    request_ids: {
      ...(upstreamRequestId !== undefined && { x_request_id: boundedText(upstreamRequestId) }),
      ...(cfRay !== undefined && { cf_ray: boundedText(cfRay) }),
    },
    extensions: boundedText(connection.extensions),
    proxy: connection.isProxied,
  };
}

export function connectionClosed(connection: ConnectionClosed): New<WireConnectionClosed> {
  return {
    type: "connection_closed",
    connection_id: connection.connectionId,
    close: closeOf(connection.closeCode, connection.closeReason, connection.closedBy),
    requests: connection.requestCount,
    age_ms: connection.ageMs,
    idle_ms: connection.idleMs,
  };
}
