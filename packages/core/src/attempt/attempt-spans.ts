import type { AttemptEnded, TransportObserver } from "@codex-ts/api";
import type { Attributes, Context, SpanKind, SpanStatusCode, Tracer } from "@opentelemetry/api";

/** The part of OpenTelemetry that spans are made with; it is loaded only where an application has registered it. */
interface Telemetry {
  readonly tracer: Tracer;
  /** Holds the span of the request. */
  readonly parent: Context;
  readonly kind: SpanKind;
  readonly failed: SpanStatusCode;
}

/**
 * Makes a span `codex.attempt` below that of its request for each attempt on the wire, from the facts of its end and
 * with its times. Without headers, bodies or credentials.
 */
export function attemptSpans({ tracer, parent, kind, failed }: Telemetry): TransportObserver {
  return {
    onAttemptEnded(attempt) {
      const options = { kind, startTime: attempt.queuedAtMs, attributes: attributesOf(attempt) };
      const span = tracer.startSpan("codex.attempt", options, parent);
      if (attempt.outcome === "failed") {
        span.setStatus({ code: failed, message: attempt.error?.code ?? "" });
      }
      span.end(attempt.queuedAtMs + attempt.timings.endedUs / 1000);
    },
  };
}

function attributesOf(attempt: AttemptEnded): Attributes {
  const { timings, error } = attempt;
  const known = {
    "codex.attempt_id": attempt.attemptId,
    "codex.attempt_number": attempt.attemptNumber,
    "codex.transport": attempt.transport,
    "codex.endpoint": attempt.endpoint,
    "codex.outcome": attempt.outcome,
    "codex.upstream_request_id": attempt.upstreamRequestId,
    "codex.connection_id": attempt.connectionId,
    "codex.connection_position": attempt.position,
    "codex.connection_reused": attempt.connectionReused,
    "codex.will_retry": attempt.retry.willRetry,
    "codex.connected_us": timings.connectedUs,
    "codex.first_event_us": timings.firstEventUs,
    "codex.first_output_us": timings.firstOutputUs,
    "codex.max_gap_us": attempt.maxGapUs,
    "codex.events": attempt.eventCount,
    "codex.close_code": attempt.closeCode,
    "gen_ai.response.id": attempt.responseId,
    "http.response.status_code": attempt.status,
    "error.type": error && [error.code, reasonOf(error)].filter(Boolean).join("/"),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

function reasonOf(error: NonNullable<AttemptEnded["error"]>): string | undefined {
  return "reason" in error ? error.reason : undefined;
}
