import type { ResponsesWebSocketConnection } from "@codex-ts/api";
import type { RequestMember } from "@codex-ts/api";
import type { JsonObject, ResponseCreateFrame, ResponsesRequest } from "@codex-ts/protocol";
import type { LastResponse } from "../attempt/stream-mapper.ts";
import { incrementalInput } from "./incremental-request.ts";
import type { PreviousExchange } from "./incremental-request.ts";
import { inMemberOrder } from "./request-builder.ts";

/** A request as it goes over a connection, and as the trace shows it. */
export interface PreparedFrame {
  readonly frame: ResponseCreateFrame;
  /**
   * The frame, or the whole request when the frame continues a response a trace cannot point to: a warm-up, which is
   * not recorded, or one whose id the server had given to another before.
   */
  readonly recorded: ResponseCreateFrame | ResponsesRequest;
  /** With the whole request: the frame all the same. */
  readonly asSent?: ResponseCreateFrame;
}

/**
 * One WebSocket connection with what it remembers. It is lent to one turn after the other, so that a turn can go on
 * where the last one ended. A new connection remembers nothing.
 */
export class WebSocketSession {
  readonly #memberOrder: readonly RequestMember[];
  #connection: ResponsesWebSocketConnection | undefined;
  #request: ResponsesRequest | undefined;
  #response: { readonly responseId: string; readonly items: readonly JsonObject[] } | undefined;
  #lastWasWarmUp = false;
  /** Ids of the responses so far, whichever connection they came over. */
  readonly #responseIds = new Set<string>();
  #lastIdIsAmbiguous = false;

  /** `memberOrder`: in which frames are written. */
  constructor(memberOrder: readonly RequestMember[]) {
    this.#memberOrder = memberOrder;
  }

  /** True while a request can be sent without a handshake. */
  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** True once a request was sent on the connection. */
  get hasRequest(): boolean {
    return this.#request !== undefined;
  }

  /** The open connection, or a new one from `connect`. */
  async connected(
    connect: () => Promise<ResponsesWebSocketConnection>,
  ): Promise<ResponsesWebSocketConnection> {
    if (this.#connection?.isOpen) return this.#connection;
    // The server has forgotten the requests of the old connection.
    this.#request = undefined;
    this.#response = undefined;
    this.#lastWasWarmUp = false;
    this.#connection = await connect();
    return this.#connection;
  }

  /** The frame of a request, with only what the server does not know where that is possible. Uses the memory up. */
  prepare(
    request: ResponsesRequest,
    frameMetadata: Readonly<Record<string, string>>,
  ): PreparedFrame {
    const previous = this.#takePrevious();
    const input = incrementalInput(previous, request);
    const incremental =
      previous === undefined || input === undefined
        ? {}
        : { previous_response_id: previous.responseId, input };
    const frame = {
      type: "response.create",
      ...request,
      ...incremental,
      client_metadata: frameMetadata,
    } as const satisfies ResponseCreateFrame;
    const asSent = inMemberOrder(frame, this.#memberOrder);
    const isWhole = input !== undefined && (this.#lastWasWarmUp || this.#lastIdIsAmbiguous);
    return isWhole ? { frame, recorded: request, asSent } : { frame, recorded: asSent };
  }

  /** Remembers a request that was sent, and its response once that has completed. */
  remember(options: {
    readonly request: ResponsesRequest;
    readonly lastResponse: Promise<LastResponse | undefined>;
    readonly toInput: (response: LastResponse) => readonly JsonObject[];
    readonly warmUp: boolean;
  }): void {
    const { request, lastResponse, toInput, warmUp } = options;
    this.#request = request;
    this.#response = undefined;
    this.#lastWasWarmUp = warmUp;
    void this.#awaitResponse(request, lastResponse, toInput);
  }

  async #awaitResponse(
    request: ResponsesRequest,
    lastResponse: Promise<LastResponse | undefined>,
    toInput: (response: LastResponse) => readonly JsonObject[],
  ): Promise<void> {
    const response = await lastResponse;
    if (response === undefined) return;
    const isAmbiguous = this.#responseIds.has(response.responseId);
    this.#responseIds.add(response.responseId);
    if (this.#request !== request) return;
    this.#lastIdIsAmbiguous = isAmbiguous;
    this.#response = { responseId: response.responseId, items: toInput(response) };
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  #takePrevious(): PreviousExchange | undefined {
    const request = this.#request;
    const response = this.#response;
    this.#response = undefined;
    if (request === undefined || response === undefined) return undefined;
    return { request, responseId: response.responseId, responseItems: response.items };
  }
}
