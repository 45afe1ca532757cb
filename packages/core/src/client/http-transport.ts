import { ResponsesClient } from "@codex-ts/api";
import { usesCodexBackend } from "@codex-ts/model-provider";
import type { MappedResponseStream } from "../attempt/stream-mapper.ts";
import { TURN_METADATA_NAME, httpRequestHeaders } from "../metadata/projections.ts";
import type { HeaderList } from "../metadata/projections.ts";
import { combineObservers } from "./combine-observers.ts";
import type { ModelTransport } from "./model-transport.ts";
import type { SamplingRequest } from "./sampling-request.ts";
import type { TurnScope } from "./turn-scope.ts";

/** One attempt over HTTP: `POST /responses`. */
export async function streamOverHttp(
  { transport, turnState, telemetry }: TurnScope,
  request: SamplingRequest,
): Promise<MappedResponseStream> {
  const target = await transport.target();
  const compression = await requestCompression(transport);
  const span = await telemetry.startSpan(request, "http", target);
  const body = transport.requestBody(request, target);
  const attempt = telemetry.start(request, { recorded: body }, target);
  const client = new ResponsesClient(transport.clientOptions(target));
  return telemetry.run({ request, attempt, span }, (onUpstreamRequestId) =>
    client.stream(body, {
      headers: withTraceContext(
        transport.requestHeaders(
          httpRequestHeaders,
          request.metadata,
          { turnState: turnState.value, inferenceCallId: attempt.inferenceCallId },
          request.settings?.model,
        ),
        span?.headers ?? [],
      ),
      turnState,
      onUpstreamRequestId,
      compression,
      observer: combineObservers([
        transport.observer(request.metadata, {
          inferenceCallId: attempt.inferenceCallId,
          compactionRequestId: request.compactionRequestId,
        }),
        span?.attempts,
      ]),
      signal: request.signal,
    }),
  );
}

/** A propagator of the application adds headers; it changes none, and makes no turn metadata. */
function withTraceContext(headers: HeaderList, traceContext: HeaderList): HeaderList {
  const taken = new Set([TURN_METADATA_NAME, ...headers.map(([name]) => name)]);
  return [...headers, ...traceContext.filter(([name]) => !taken.has(name.toLowerCase()))];
}

/** How the body of a sampling request is encoded. Source: docs/behavior/core.md 1.9. */
async function requestCompression(transport: ModelTransport): Promise<"none" | "zstd"> {
  const { provider, requestCompression: isWanted = true } = transport.options;
  if (!isWanted || provider.info.name !== "OpenAI") return "none";
  const mode = await transport.authMode();
  return mode !== undefined && usesCodexBackend(mode) ? "zstd" : "none";
}
