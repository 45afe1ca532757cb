import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import type { ReceivedRequest } from "../received-request.ts";
import type { Exchange, Reply } from "../script/exchange.ts";
import { BodyError, decodeBody, readBody } from "./decode-body.ts";
import { EventFiller } from "./event-filler.ts";
import { HttpTransport } from "./http-transport.ts";
import { playPauses, playSteps } from "./play.ts";
import type { PlayOutcome } from "./play.ts";
import { PlayRecord } from "./play-record.ts";
import { describeRequest, headerPairs, receivedRequest } from "./received.ts";
import { encodeBody, replyHead, statusLine } from "./reply-head.ts";
import { errorText, recordUnexpected } from "./server-context.ts";
import type { ServerContext } from "./server-context.ts";
import { stopReason } from "./stop.ts";
import { unscriptedReply } from "./unscripted.ts";

/** Receives one HTTP request and plays its exchange. Never rejects. */
export async function handleHttp(
  request: IncomingMessage,
  response: ServerResponse,
  context: ServerContext,
): Promise<void> {
  // A client that leaves makes the streams fail; the record says so already.
  response.on("error", () => {});
  response.sendDate = false;
  const received = await receive(request, response, context);
  if (!received) return;
  const record = new PlayRecord(received);
  context.requests.push(received);
  context.exchanges.push(record);
  const stop = stopSignal(response, record, context);
  context.watch.changed();
  record.state = await answer(record, response, stop, context);
  record.clientGone = record.state === "client-gone";
  context.watch.changed();
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  context: ServerContext,
): Promise<ReceivedRequest | undefined> {
  const limitBytes = context.maxRequestBytes;
  const facts = {
    transport: "http",
    method: request.method ?? "",
    path: request.url ?? "",
    headers: headerPairs(request.rawHeaders),
    connectionIndex: undefined,
  } as const;
  try {
    const bytes = await readBody(request, limitBytes);
    const decoded = await decodeBody(bytes, request.headers["content-encoding"], limitBytes);
    const receivedAtUnixMs = context.now();
    // Numbered here and not earlier: bodies of concurrent requests end in another order than they begin.
    return receivedRequest({
      index: context.requests.length,
      ...facts,
      ...decoded,
      receivedAtUnixMs,
    });
  } catch (error) {
    const what = `${facts.method} ${facts.path}: ${errorText(error)}`;
    recordUnexpected(context, undefined, what);
    if (error instanceof BodyError) {
      response.writeHead(error.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: error.message, code: "bad_request_body" } }));
    }
    return undefined;
  }
}

async function answer(
  record: PlayRecord,
  response: ServerResponse,
  stop: AbortSignal,
  context: ServerContext,
): Promise<PlayOutcome> {
  const { request } = record;
  try {
    const exchange = context.book.take(request);
    if (!exchange)
      recordUnexpected(context, request, `${describeRequest(request)} has no exchange`);
    const reply = exchange ? await resolveReply(exchange, request) : unscriptedReply(request);
    return await playReply(reply, record, response, stop, context);
  } catch (error) {
    if (stop.aborted) return stopReason(stop);
    const reason = `${describeRequest(request)}: ${errorText(error)}`;
    recordUnexpected(context, request, reason);
    if (response.headersSent || record.status !== undefined) response.socket?.destroy();
    else await playReply(unscriptedReply(request, reason), record, response, stop, context);
    return "failed";
  }
}

function resolveReply(exchange: Exchange, request: ReceivedRequest): Reply | Promise<Reply> {
  return exchange.respond ? exchange.respond(request) : exchange;
}

async function playReply(
  reply: Reply,
  record: PlayRecord,
  response: ServerResponse,
  stop: AbortSignal,
  context: ServerContext,
): Promise<PlayOutcome> {
  const { socket } = response;
  if (!socket) return "client-gone";
  const { gates, watch } = context;
  const shared = { socket, record, watch, stop };
  const pauses = { transport: new HttpTransport({ ...shared, body: response }), gates, stop };
  const early = await playPauses(reply.beforeStatus ?? [], pauses);
  if (early) return early;

  const head = replyHead(reply);
  record.status = head.status;
  record.headers = head.headers;
  let body: Writable = response;
  if (reply.beforeHeaders) {
    body = socket;
    socket.write(statusLine(head.status));
    const late = await playPauses(reply.beforeHeaders, pauses);
    if (late) return late;
    const lines = [...head.headers, ["connection", "close"]].map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`${lines.join("")}\r\n`);
  } else {
    response.writeHead(head.status, head.headers.flat());
  }
  watch.changed();
  const transport = new HttpTransport({
    ...shared,
    body,
    chunkSizesBytes: reply.events && reply.chunkSizesBytes,
  });
  if (!reply.events) {
    await transport.sendBytes(encodeBody(reply.body));
    await transport.end();
    return "ended";
  }
  if (body === response) response.flushHeaders();
  const filler = new EventFiller(record.request.index + 1);
  return playSteps(reply.events, { transport, gates, stop, filler });
}

/** Aborted when the client leaves before the answer is complete, or when the server closes. */
function stopSignal(
  response: ServerResponse,
  record: PlayRecord,
  context: ServerContext,
): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    if (record.state === "playing" && !response.writableFinished) gone.abort("client-gone");
  });
  return AbortSignal.any([gone.signal, context.closing]);
}
