import type { Socket } from "node:net";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import type { RawData, WebSocket } from "ws";
import { completed, created } from "../events/lifecycle.ts";
import type { ReceivedRequest } from "../received-request.ts";
import type { Reply } from "../script/exchange.ts";
import type { ReceivedFrame } from "../websocket-connection.ts";
import type { ConnectionRecord } from "./connection-record.ts";
import { readJson } from "./decode-body.ts";
import { EventFiller } from "./event-filler.ts";
import { playPauses, playSteps } from "./play.ts";
import type { PlayOutcome } from "./play.ts";
import { PlayRecord } from "./play-record.ts";
import { describeRequest, receivedRequest } from "./received.ts";
import { resolveReply } from "./resolve-reply.ts";
import { errorText, recordUnexpected } from "./server-context.ts";
import type { ServerContext } from "./server-context.ts";
import { stopReason } from "./stop.ts";
import { scriptFailedReply, unscriptedReason, unscriptedReply } from "./unscripted.ts";
import { WebSocketTransport } from "./websocket-transport.ts";

/** One accepted connection with what its exchanges are played on. */
interface OpenConnection {
  readonly connection: ConnectionRecord;
  readonly webSocket: WebSocket;
  readonly socket: Socket;
  readonly stop: AbortSignal;
  readonly context: ServerContext;
}

/** Records everything a connection receives and plays an exchange per request. */
export function serveConnection(
  connection: ConnectionRecord,
  webSocket: WebSocket,
  socket: Socket,
  context: ServerContext,
  track: (playing: Promise<void>) => void,
): void {
  const gone = new AbortController();
  const stop = AbortSignal.any([gone.signal, context.closing]);
  const open = { connection, webSocket, socket, stop, context };
  const record = (kind: ReceivedFrame["kind"], data: RawData): ReceivedFrame => {
    // With the default `binaryType` and no fragments mode, ws hands over one Buffer.
    const bytes = data as Buffer;
    const frame = { kind, bytes, text: bytes.toString("utf8"), receivedAtUnixMs: context.now() };
    connection.frames.push(frame);
    return frame;
  };
  webSocket.on("message", (data, isBinary) => {
    const frame = record(isBinary ? "binary" : "text", data);
    if (isBinary) recordUnexpected(context, undefined, `${name(connection)} sent a binary frame`);
    else track(respondToFrame(frame, open));
    context.watch.changed();
  });
  for (const kind of ["ping", "pong"] as const) {
    webSocket.on(kind, (data) => {
      record(kind, data);
      context.watch.changed();
    });
  }
  webSocket.on("error", (error: NodeJS.ErrnoException) => {
    // Broken connections are the client's business; broken frames are worth knowing.
    if (!error.code?.startsWith("WS_ERR_")) return;
    recordUnexpected(context, undefined, `${name(connection)}: ${error.message}`);
  });
  webSocket.on("close", (code, reason) => {
    connection.state = "closed";
    connection.closeCode = code;
    connection.closeReason = reason.toString("utf8");
    gone.abort("client-gone");
    context.watch.changed();
  });
}

async function respondToFrame(frame: ReceivedFrame, open: OpenConnection): Promise<void> {
  const { connection, context } = open;
  const request = receivedRequest({
    index: context.requests.length,
    transport: "websocket",
    method: connection.method,
    path: connection.path,
    headers: connection.headers,
    body: readJson(frame.text),
    bodyText: frame.text,
    bodyBytes: frame.bytes,
    receivedAtUnixMs: frame.receivedAtUnixMs,
    connectionIndex: connection.index,
  });
  context.requests.push(request);
  const record = new PlayRecord(request);
  try {
    const reply = await chooseReply(request, open);
    if (!reply) return;
    context.exchanges.push(record);
    context.watch.changed();
    record.state = await playReply(reply, record, open);
  } catch (error) {
    record.state = await playFailure(error, record, open);
  }
  record.clientGone = record.state === "client-gone";
  context.watch.changed();
}

/** The reply to a frame; `undefined` for one that gets none. */
async function chooseReply(
  request: ReceivedRequest,
  { context, stop }: OpenConnection,
): Promise<Reply | undefined> {
  const frame = isJsonObject(request.body) ? request.body : {};
  const isCreate = frame["type"] === "response.create";
  const isWarmUp = isCreate && frame["generate"] === false && context.warmUps === "answer";
  // Only a deliberate choice may spend an exchange on anything but a real request.
  const taken = context.book.take(request, isCreate && !isWarmUp ? "all" : "only-with-when");
  if (taken.exchange) return await resolveReply(taken.exchange, request, stop);
  if (isWarmUp) return warmUpReply(request);
  if (isCreate) {
    const reason = unscriptedReason(request, taken);
    recordUnexpected(context, request, reason);
    return unscriptedReply(reason);
  }
  recordUnexpected(context, request, `${describeRequest(request)} is no response.create`);
  return undefined;
}

async function playReply(
  reply: Reply,
  record: PlayRecord,
  open: OpenConnection,
): Promise<PlayOutcome> {
  const { webSocket, socket, stop, context } = open;
  const { watch, gates } = context;
  const chunkSizesBytes = reply.events && reply.chunkSizesBytes;
  const transport = new WebSocketTransport({
    webSocket,
    socket,
    record,
    watch,
    stop,
    chunkSizesBytes,
  });
  const early = await playPauses(reply.beforeStatus ?? [], { transport, gates, stop });
  if (early) return early;
  const filler = new EventFiller(record.request);
  const events = reply.events ?? [{ step: "event" as const, event: wrapBody(reply) }];
  return playSteps(events, { transport, gates, stop, filler });
}

async function playFailure(
  error: unknown,
  record: PlayRecord,
  open: OpenConnection,
): Promise<PlayOutcome> {
  if (open.stop.aborted) return stopReason(open.stop);
  const { request } = record;
  const reason = `${describeRequest(request)}: ${errorText(error)}`;
  recordUnexpected(open.context, request, reason);
  if (!open.context.exchanges.includes(record)) open.context.exchanges.push(record);
  await playReply(scriptFailedReply(reason), record, open);
  return "failed";
}

/** Form of an HTTP response inside a WebSocket connection. */
function wrapBody(reply: Extract<Reply, { readonly body: unknown }>): JsonObject {
  const headers: JsonObject = {
    ...reply.headers,
    ...(typeof reply.requestId === "string" && { "x-request-id": reply.requestId }),
  };
  const members = isJsonObject(reply.body)
    ? reply.body
    : { error: { message: Buffer.from((reply.body ?? "") as string).toString("utf8") } };
  return { type: "error", status: reply.status ?? 200, ...members, headers };
}

function warmUpReply(request: ReceivedRequest): Reply {
  const responseId = `resp_warm_up_${request.index + 1}`;
  return { events: [created(responseId), completed({ responseId, usage: null })] };
}

function name(connection: ConnectionRecord): string {
  return `WebSocket connection ${connection.index + 1}`;
}
