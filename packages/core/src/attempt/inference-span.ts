import type { TransportObserver } from "@codex-ts/api";
import type { AuthRequestTelemetryContext } from "@codex-ts/model-provider";
import type { Attributes } from "@opentelemetry/api";
import { attemptSpans } from "./attempt-spans.ts";
import type { InferenceSummary } from "../events/turn-event.ts";
import type { HeaderList } from "../metadata/projections.ts";
import type { CodexResponsesMetadata } from "../metadata/metadata-snapshot.ts";
import type { InferenceObserver } from "./inference-observer.ts";

/** Under this key applications register OpenTelemetry; see its API package, major version 1. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");
const TRACER = "@codex-ts/core";

/** Facts of an attempt when it starts. */
export interface InferenceSpanFacts {
  readonly metadata: CodexResponsesMetadata;
  readonly model: string;
  readonly transport: "http" | "websocket";
  /** Asked for only when there is a span to put it on. */
  readonly auth: () => Promise<AuthRequestTelemetryContext>;
}

/** One attempt as a span of the application's trace. */
export interface InferenceSpan extends InferenceObserver {
  /** `traceparent` and `tracestate`, as far as a propagator is registered. */
  readonly headers: HeaderList;
  /** Makes a span below this one for each attempt on the wire. */
  readonly attempts: TransportObserver;
}

/** Whether an application has registered OpenTelemetry. */
export function hasTelemetry(): boolean {
  return REGISTRY in globalThis;
}

/**
 * Starts a span for one attempt; `undefined` when the application has registered no OpenTelemetry, which then is not
 * even loaded. Prompts, outputs and credentials never get into a span. What the application's SDK throws is dropped:
 * an attempt does not fail because it is observed.
 */
export async function startInferenceSpan(
  facts: InferenceSpanFacts,
): Promise<InferenceSpan | undefined> {
  if (!hasTelemetry()) return undefined;
  try {
    return await startSpan(facts);
  } catch {
    return undefined;
  }
}

async function startSpan(facts: InferenceSpanFacts): Promise<InferenceSpan> {
  const { SpanKind, SpanStatusCode, context, propagation, trace } =
    await import("@opentelemetry/api");
  // Read before anything is waited for: the active context is that of the caller.
  const parent = context.active();
  const attributes = started(facts, await facts.auth());
  const tracer = trace.getTracer(TRACER);
  const kind = SpanKind.CLIENT;
  const span = tracer.startSpan("codex.inference", { kind, attributes }, parent);
  const carrier: Record<string, string> = {};
  const within = trace.setSpan(parent, span);
  propagation.inject(within, carrier);
  return {
    headers: Object.entries(carrier),
    attempts: attemptSpans({ tracer, parent: within, kind, failed: SpanStatusCode.ERROR }),
    inferenceStarted() {},
    inferenceFinished(summary) {
      try {
        span.setAttributes(ended(summary));
        if (summary.status === "failed") {
          span.setStatus({ code: SpanStatusCode.ERROR, message: summary.error ?? "" });
        }
        span.end();
      } catch {
        // A processor of the application's.
      }
    },
  };
}

function started(
  { metadata, model, transport }: InferenceSpanFacts,
  auth: AuthRequestTelemetryContext,
): Attributes {
  return known({
    "codex.thread_id": metadata.threadId,
    "codex.turn_id": metadata.turnId,
    "codex.request_kind": metadata.requestKind?.type,
    "codex.transport": transport,
    "gen_ai.request.model": model,
    "auth.mode": auth.authMode,
    "auth.header_attached": auth.authHeaderAttached,
    "auth.header_name": auth.authHeaderName,
    "auth.retry_after_unauthorized": auth.retryAfterUnauthorized,
    "auth.recovery_mode": auth.recoveryMode,
    "auth.recovery_phase": auth.recoveryPhase,
  });
}

function ended(summary: InferenceSummary): Attributes {
  return known({
    "codex.status": summary.status,
    "codex.inference_call_id": summary.inferenceCallId,
    "codex.upstream_request_id": summary.upstreamRequestId,
    "gen_ai.response.id": summary.responseId,
    "gen_ai.usage.input_tokens": summary.usage?.input_tokens,
    "gen_ai.usage.output_tokens": summary.usage?.output_tokens,
    "codex.time_to_first_token_ms": summary.firstTokenMs,
  });
}

/** Attributes without the unknown ones. */
function known(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
