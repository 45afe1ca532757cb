import { TurnState } from "@codex-ts/api";
import { RecoveryScope } from "@codex-ts/model-provider";
import type { MappedResponseStream } from "../attempt/stream-mapper.ts";
import type {
  CompactionRequestOptions,
  CompactionResponse,
} from "../compaction/compaction-request.ts";
import { streamCompaction } from "../compaction/remote-requests.ts";
import type { CodexResponsesMetadata } from "../metadata/metadata-snapshot.ts";
import { AttemptTelemetry } from "./attempt-telemetry.ts";
import { streamOverHttp } from "./http-transport.ts";
import type { AuthRecovery } from "./transport-listeners.ts";
import type { ModelClientSession, SwitchOptions } from "./model-session.ts";
import type { ModelTransport } from "./model-transport.ts";
import type { SamplingRequest } from "./sampling-request.ts";
import type { TransportFallback } from "./transport-fallback.ts";
import type { TurnScope } from "./turn-scope.ts";
import { UnauthorizedRetry } from "./unauthorized-retry.ts";
import { WebSocketTransport } from "./websocket-transport.ts";

/** Sends each request over the transport of the moment, and again when a refusal (401, 426) can be overcome. */
export class TurnSession implements ModelClientSession {
  readonly #transport: ModelTransport;
  readonly #fallback: TransportFallback;
  readonly #turn: TurnScope;
  readonly #webSocket: WebSocketTransport;
  readonly #recoveryScope = new RecoveryScope();

  constructor(transport: ModelTransport) {
    this.#transport = transport;
    this.#fallback = transport.fallback;
    this.#turn = {
      transport,
      turnState: new TurnState(),
      telemetry: new AttemptTelemetry(transport),
    };
    this.#webSocket = new WebSocketTransport(this.#turn);
  }

  get turnState(): string | undefined {
    return this.#turn.turnState.value;
  }

  async stream(request: SamplingRequest): Promise<MappedResponseStream> {
    this.#fallback.noteRequest(ofRequest(request.metadata));
    return this.#send(request, () =>
      this.#fallback.websocketsEnabled
        ? this.#webSocket.stream(request, { warmUp: false })
        : streamOverHttp(this.#turn, request),
    );
  }

  async streamCompaction(
    options: CompactionRequestOptions<"responses_compaction_v2">,
  ): Promise<CompactionResponse> {
    return streamCompaction(this.#transport, (request) => this.stream(request), options);
  }

  async preconnectWebSocket(metadata: CodexResponsesMetadata, signal: AbortSignal): Promise<void> {
    if (!this.#fallback.websocketsEnabled || this.#webSocket.isOpen) return;
    await this.#send({ metadata, signal }, async () => {
      if (this.#fallback.websocketsEnabled) await this.#webSocket.connect(metadata, signal);
    });
  }

  async prewarmWebSocket(request: SamplingRequest): Promise<void> {
    if (!this.#fallback.websocketsEnabled || this.#webSocket.hasRequest) return;
    const stream = await this.#send(request, async () =>
      this.#fallback.websocketsEnabled
        ? this.#webSocket.stream(request, { warmUp: true })
        : undefined,
    );
    for await (const event of stream ?? []) if (event.type === "completed") break;
  }

  async trySwitchFallbackTransport({
    cause = "retries_used_up",
    turnId,
    requestKind,
  }: SwitchOptions = {}): Promise<boolean> {
    if (!this.#fallback.switchToHttp(cause, { turnId, requestKind })) return false;
    await this.#webSocket.closeConnection();
    return true;
  }

  close(): void {
    this.#webSocket.release();
  }

  async #send<Result>(
    { metadata, signal }: Pick<SamplingRequest, "metadata" | "signal">,
    send: () => Promise<Result>,
  ): Promise<Result> {
    const scope = this.#recoveryScope;
    const unauthorized = new UnauthorizedRetry(
      this.#transport.options.provider.unauthorizedRecovery?.({ scope }),
      (step) => this.#turn.telemetry.noteRecovery(step),
      (report) => this.#reportRecovery({ ...ofRequest(metadata), ...report }),
    );
    for (;;) {
      try {
        return await send();
      } catch (error) {
        const isSentAgain =
          this.#fallback.afterFailure(error, ofRequest(metadata)) ||
          (await unauthorized.afterFailure(error, signal));
        if (!isSentAgain) throw error;
      }
    }
  }

  #reportRecovery(recovery: AuthRecovery): void {
    try {
      this.#transport.options.onAuthRecovery?.(recovery);
    } catch {
      // A listener must not be able to break a request.
    }
  }
}

function ofRequest({
  turnId,
  requestKind,
}: CodexResponsesMetadata): Pick<AuthRecovery, "turnId" | "requestKind"> {
  return { turnId: turnId === "" ? undefined : turnId, requestKind: requestKind?.type };
}
