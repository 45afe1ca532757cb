import type { ResponseEvent } from "@codex-ts/protocol";
import type { ResponseHeaders } from "../headers/response-headers.ts";
import { headerText } from "../headers/response-headers.ts";
import type { SecretSet } from "../secrets/secret-set.ts";

/** Facts of the 101 response. They belong to the connection, never to a stream on it. */
export interface WebSocketHandshake {
  /** `x-request-id` of the handshake. The `upstreamRequestId` of streams on the connection stays `undefined`. */
  readonly requestId: string | undefined;
  readonly cfRay: string | undefined;
  readonly serverModel: string | undefined;
  readonly modelsEtag: string | undefined;
  /** `x-reasoning-included` was there, with any value. */
  readonly reasoningIncluded: boolean;
  /** Routing state for the turn, if the server gave one. */
  readonly turnState: string | undefined;
  /** Extensions agreed on, e.g. `permessage-deflate`; empty when the server declined. */
  readonly extensions: string;
}

/** Without credentials, which some servers repeat; also the turn state is here to be shown, not to be sent back. */
export function readHandshake(
  headers: ResponseHeaders,
  {
    requestId,
    extensions,
    secrets,
  }: Pick<WebSocketHandshake, "requestId" | "extensions"> & {
    readonly secrets: SecretSet;
  },
): WebSocketHandshake {
  return secrets.scrubMembers({
    requestId,
    cfRay: headerText(headers, "cf-ray"),
    serverModel: headerText(headers, "openai-model"),
    modelsEtag: headerText(headers, "x-models-etag"),
    reasoningIncluded: headers["x-reasoning-included"] !== undefined,
    turnState: headerText(headers, "x-codex-turn-state"),
    extensions,
  });
}

/** The first events of every response on the connection. Source: docs/behavior/api.md 10.1. */
export function handshakeEvents(handshake: WebSocketHandshake): ResponseEvent[] {
  const { serverModel, modelsEtag, reasoningIncluded } = handshake;
  const events: ResponseEvent[] = [];
  if (serverModel !== undefined) events.push({ type: "serverModel", model: serverModel });
  if (modelsEtag !== undefined) events.push({ type: "modelsEtag", etag: modelsEtag });
  if (reasoningIncluded) events.push({ type: "serverReasoningIncluded", included: true });
  return events;
}
