import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ServerEvent } from "./server-event.ts";

/** Content of a `response.metadata` event. */
export interface MetadataOptions {
  readonly metadata?: JsonValue;
  /** Response headers told inside the stream, e.g. `{ "openai-model": "..." }`. */
  readonly headers?: JsonObject;
}

/** An error event that wraps an HTTP response, the way a WebSocket connection reports one. */
export interface WrappedErrorOptions {
  /** Default: no `status` member. */
  readonly status?: number;
  readonly code?: string;
  readonly type?: string;
  readonly message?: string;
  /** Headers of the wrapped response. Default: no such member. */
  readonly headers?: JsonObject;
}

/** One window of a `codex.rate_limits` event. */
export interface RateLimitWindowOptions {
  /** 0 to 100. */
  readonly usedPercent: number;
  readonly windowMinutes?: number;
  readonly resetAtUnixSeconds?: number;
}

/** Content of a `codex.rate_limits` event. */
export interface RateLimitsOptions {
  readonly primary?: RateLimitWindowOptions;
  readonly secondary?: RateLimitWindowOptions;
  readonly planType?: string;
  readonly limitName?: string;
}

/** `response.metadata`. */
export function metadata(options: MetadataOptions): ServerEvent {
  return { type: "response.metadata", ...options };
}

/** `codex.rate_limits`, which WebSocket connections send between other events. */
export function rateLimits(options: RateLimitsOptions): ServerEvent {
  return {
    type: "codex.rate_limits",
    ...(options.planType !== undefined && { plan_type: options.planType }),
    ...(options.limitName !== undefined && { limit_name: options.limitName }),
    rate_limits: {
      ...(options.primary && { primary: toWireWindow(options.primary) }),
      ...(options.secondary && { secondary: toWireWindow(options.secondary) }),
    },
  };
}

/** `error` with a wrapped HTTP response. */
export function wrappedError(options: WrappedErrorOptions): ServerEvent {
  const { status, headers, code, type, message } = options;
  return {
    type: "error",
    ...(status !== undefined && { status }),
    error: {
      ...(type !== undefined && { type }),
      ...(code !== undefined && { code }),
      ...(message !== undefined && { message }),
    },
    ...(headers && { headers }),
  };
}

/** The `error` that ends a WebSocket connection of 60 minutes. */
export function connectionLimitReached(): ServerEvent {
  return wrappedError({
    status: 400,
    type: "invalid_request_error",
    code: "websocket_connection_limit_reached",
    message: "this connection has reached its time limit; open a new one",
  });
}

function toWireWindow(window: RateLimitWindowOptions): JsonObject {
  return {
    used_percent: window.usedPercent,
    ...(window.windowMinutes !== undefined && { window_minutes: window.windowMinutes }),
    ...(window.resetAtUnixSeconds !== undefined && { reset_at: window.resetAtUnixSeconds }),
  };
}
