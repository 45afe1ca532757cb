import { afterEach, describe, expect, test } from "vitest";
import { ROOT_CONTEXT, SpanStatusCode, propagation, trace } from "@opentelemetry/api";
import type { Attributes, Span, SpanOptions, SpanStatus, TracerProvider } from "@opentelemetry/api";
import {
  created,
  disconnect,
  errorExchange,
  functionCallExchange,
  message,
  messageExchange,
} from "@codex-ts/responses-server";
import { startScene } from "../support/harness.ts";

interface RecordedSpan {
  readonly name: string;
  readonly attributes: Attributes;
  status: SpanStatus | undefined;
  ended: number;
}

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

/** Spans of single attempts on the wire, which stand below those of their requests. */
const attemptSpans: RecordedSpan[] = [];

/**
 * Registers what an application's SDK would: a provider that keeps spans, and a W3C propagator. `broken` names what
 * throws, as a processor of the application's may.
 */
function register(broken?: "start" | "end"): RecordedSpan[] {
  const spans: RecordedSpan[] = [];
  attemptSpans.length = 0;
  const startSpan = (name: string, options: SpanOptions = {}): Span => {
    const record: RecordedSpan = {
      name,
      attributes: { ...options.attributes },
      status: undefined,
      ended: 0,
    };
    (name === "codex.attempt" ? attemptSpans : spans).push(record);
    if (broken === "start") throw new Error("broken processor");
    const spanId = spans.length.toString(16).padStart(16, "0");
    const span: Partial<Span> = {
      spanContext: () => ({ traceId: TRACE_ID, spanId, traceFlags: 1 }),
      setAttributes: (attributes) => {
        Object.assign(record.attributes, attributes);
        return span as Span;
      },
      setStatus: (status) => {
        record.status = status;
        return span as Span;
      },
      end: () => {
        record.ended += 1;
        if (broken === "end") throw new Error("broken processor");
      },
    };
    return span as Span;
  };
  const provider = { getTracer: () => ({ startSpan }) } as unknown as TracerProvider;
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator({
    inject(context, carrier, setter) {
      const span = trace.getSpanContext(context);
      setter.set(carrier, "traceparent", `00-${span?.traceId}-${span?.spanId}-01`);
    },
    extract: () => ROOT_CONTEXT,
    fields: () => ["traceparent"],
  });
  return spans;
}

afterEach(() => {
  trace.disable();
  propagation.disable();
});

describe("telemetry", () => {
  test("[core/O1] sends no trace context and makes no span unless an application has registered OpenTelemetry", async () => {
    Reflect.deleteProperty(globalThis, Symbol.for("opentelemetry.js.api.1"));
    await using scene = await startScene([messageExchange("Hi.")]);
    await scene.turn("go");
    const names = scene.server.requests[0]?.headers.map(([name]) => name);
    expect(names).not.toContain("traceparent");
  });

  test("[core/O2] gives each attempt a span with both ids, and its context to the server", async () => {
    const spans = register();
    await using scene = await startScene(
      [
        errorExchange(401, { requestId: "req_401" }),
        messageExchange("Hi.", { requestId: "req_ok", responseId: "resp_ok" }),
      ],
      { providerInfo: { requestMaxRetries: 0 } },
    );
    await scene.turn("secret question");
    expect(spans).toMatchObject([
      {
        name: "codex.inference",
        ended: 1,
        status: { code: SpanStatusCode.ERROR },
        attributes: {
          "codex.status": "failed",
          "codex.upstream_request_id": "req_401",
          "auth.mode": "ApiKey",
          "auth.header_attached": true,
          "auth.retry_after_unauthorized": false,
        },
      },
      {
        ended: 1,
        status: undefined,
        attributes: {
          "codex.status": "completed",
          "codex.upstream_request_id": "req_ok",
          "gen_ai.response.id": "resp_ok",
          "gen_ai.request.model": "gpt-mock",
          "codex.transport": "http",
        },
      },
    ]);
    expect(scene.server.requests[1]?.headers).toContainEqual([
      "traceparent",
      `00-${TRACE_ID}-0000000000000002-01`,
    ]);
    expect(JSON.stringify(spans)).not.toMatch(/secret question|sk-mock-key/);
  });

  test("gives each attempt on the wire a span below that of its request", async () => {
    register();
    await using scene = await startScene([messageExchange("Hi.")], {
      providerInfo: { supportsWebsockets: true },
      server: { handshakes: [{ status: 426, repeat: Infinity }] },
    });
    await scene.turn("go");
    expect(attemptSpans).toMatchObject([
      {
        ended: 1,
        attributes: {
          "codex.endpoint": "responses",
          "codex.outcome": "completed",
          "http.response.status_code": 200,
        },
      },
    ]);
    await using other = await startScene([errorExchange(500), messageExchange("Hi.")]);
    await other.turn("go");
    expect(
      attemptSpans.map(({ attributes }) => attributes["http.response.status_code"]).slice(1),
    ).toEqual([500, 200]);
    expect(attemptSpans[1]?.status).toMatchObject({ code: SpanStatusCode.ERROR });
  });

  test("[core/S0-7] an attempt after a 401 says which recovery it is due to, once", async () => {
    const spans = register();
    await using scene = await startScene(
      [
        errorExchange(401),
        functionCallExchange({ name: "none", args: {}, callId: "call_1" }),
        messageExchange("Hi."),
      ],
      {
        providerInfo: {
          requestMaxRetries: 0,
          streamMaxRetries: 0,
          envKey: undefined,
          auth: { command: "/bin/echo", args: ["secret"], timeoutMs: 5000, refreshIntervalMs: 0 },
        },
      },
    );
    expect((await scene.turn("go")).at(-1)?.type).toBe("turnCompleted");
    const recoveries = spans.map(({ attributes }) => [
      attributes["auth.retry_after_unauthorized"],
      attributes["auth.recovery_mode"],
      attributes["auth.recovery_phase"],
    ]);
    const none = [false, undefined, undefined];
    expect(recoveries).toEqual([none, [true, "external", "external_refresh"], none]);
    expect(JSON.stringify(spans)).not.toContain("secret");
  });

  test.each(["start", "end"] as const)(
    "[core/O1] a span whose %s throws changes nothing about its turn",
    async (broken) => {
      const spans = register(broken);
      await using scene = await startScene([
        { events: [created(), message("Half."), disconnect()] },
        messageExchange("Hi."),
      ]);
      expect((await scene.turn("go")).at(-1)).toMatchObject({
        type: "turnCompleted",
        lastAgentMessage: "Hi.",
      });
      expect(spans).toHaveLength(2);
      expect(scene.server.requests).toHaveLength(2);
    },
  );

  test("[core/O3] puts the context into the frame over WebSocket, which has no headers", async () => {
    const spans = register();
    await using scene = await startScene([messageExchange("Hi.")], {
      providerInfo: { supportsWebsockets: true },
    });
    await scene.turn("go");
    // The warm-up is no inference.
    expect(spans).toHaveLength(1);
    expect(scene.server.requests.at(-1)?.body).toMatchObject({
      client_metadata: {
        ws_request_header_traceparent: expect.stringMatching(
          /^00-0af7651916cd43dd8448eb211c80319c/,
        ),
      },
    });
  });
});
