import type { IncomingMessage, ServerResponse } from "node:http";
import { isJsonObject } from "@codex-ts/protocol";
import type { ReceivedRequest } from "../received-request.ts";
import type { BodyReply, Reply, StreamReply } from "../script/exchange.ts";
import { BodyError, decodeBody, readBody } from "./decode-body.ts";
import { EventFiller } from "./event-filler.ts";
import { FinalResponse } from "./final-response.ts";
import { HttpTransport } from "./http-transport.ts";
import { playPauses, playSteps } from "./play.ts";
import type { PauseContext, PlayOutcome } from "./play.ts";
import { PlayRecord } from "./play-record.ts";
import { describeRequest, headerPairs, receivedRequest } from "./received.ts";
import { encodeBody, headerLines, replyHead, statusLine } from "./reply-head.ts";
import type { HeadFacts } from "./reply-head.ts";
import { resolveReply } from "./resolve-reply.ts";
import { ResponseCollector } from "./response-collector.ts";
import { errorText, recordUnexpected } from "./server-context.ts";
import type { ServerContext } from "./server-context.ts";
import { isModelsRequest, modelsReply } from "./standard-models.ts";
import { stopReason } from "./stop.ts";
import { scriptFailedReply, unscriptedReason, unscriptedReply } from "./unscripted.ts";

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
  record.state = await respond(record, response, stop, context);
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

async function respond(
  record: PlayRecord,
  response: ServerResponse,
  stop: AbortSignal,
  context: ServerContext,
): Promise<PlayOutcome> {
  const { request } = record;
  try {
    const reply = await chooseReply(request, stop, context);
    return await playReply(reply, record, response, stop, context);
  } catch (error) {
    if (stop.aborted) return stopReason(stop);
    const reason = `${describeRequest(request)}: ${errorText(error)}`;
    recordUnexpected(context, request, reason);
    if (record.status !== undefined) response.req.socket.destroy();
    // A client that leaves meanwhile has seen enough of a broken script.
    else
      await playReply(scriptFailedReply(reason), record, response, stop, context).catch(
        () => undefined,
      );
    return "failed";
  }
}

async function chooseReply(
  request: ReceivedRequest,
  stop: AbortSignal,
  context: ServerContext,
): Promise<Reply> {
  const taken = context.book.take(request);
  if (taken.exchange) return await resolveReply(taken.exchange, request, stop);
  if (isModelsRequest(request, context.basePath)) return modelsReply(context.models);
  const reason = unscriptedReason(request, taken);
  recordUnexpected(context, request, reason);
  return unscriptedReply(reason);
}

async function playReply(
  reply: Reply,
  record: PlayRecord,
  response: ServerResponse,
  stop: AbortSignal,
  context: ServerContext,
): Promise<PlayOutcome> {
  const { gates, watch } = context;
  // Not the response's own: that is missing while a pipelined request waits for the answer before it.
  const { socket } = response.req;
  const shared = { socket, record, watch, stop };
  const pauses = { transport: new HttpTransport({ ...shared, body: response }), gates, stop };
  const early = await playPauses(reply.beforeStatus ?? [], pauses);
  if (early) return early;
  const sent =
    reply.events && !wantsStream(reply, record.request)
      ? await collect(reply, record.request, pauses)
      : reply;
  if (typeof sent === "string") return sent;
  const isResponse = reply.events !== undefined;
  const head = replyHead(sent, { request: record.request, isResponse });
  const late = await writeHead(head, sent, record, response, pauses);
  if (late) return late;
  watch.changed();

  const body = sent.beforeHeaders ? socket : response;
  const chunkSizesBytes = sent.events && sent.chunkSizesBytes;
  const transport = new HttpTransport({ ...shared, body, chunkSizesBytes });
  if (!sent.events) {
    await transport.sendBytes(encodeBody(sent.body));
    await transport.end();
    return "ended";
  }
  const filler = new EventFiller(record.request);
  return await playSteps(sent.events, { transport, gates, stop, filler });
}

/** Whether events go out one by one; else they are added up first. */
function wantsStream({ deliver = "as-requested" }: StreamReply, request: ReceivedRequest): boolean {
  if (deliver !== "as-requested") return deliver === "stream";
  if (isJsonObject(request.body) && request.body["stream"] === true) return true;
  return new URLSearchParams(request.path.split("?", 2)[1]).get("stream") === "true";
}

/** Plays the steps without sending them; an outcome means that the response is over. */
async function collect(
  reply: StreamReply,
  request: ReceivedRequest,
  pauses: PauseContext,
): Promise<BodyReply | PlayOutcome> {
  const response = new FinalResponse();
  const transport = new ResponseCollector(response, pauses.transport);
  const filler = new EventFiller(request);
  const outcome = await playSteps(reply.events, { ...pauses, transport, filler });
  return outcome === "ended" ? response.toReply(reply) : outcome;
}

/** Puts status and headers on the wire, by hand where the script pauses between them. */
async function writeHead(
  { status, headers }: HeadFacts,
  reply: Reply,
  record: PlayRecord,
  response: ServerResponse,
  pauses: PauseContext,
): Promise<PlayOutcome | undefined> {
  record.headers = headers;
  if (!reply.beforeHeaders) {
    response.writeHead(status, headers.flat());
    record.status = status;
    if (reply.events) response.flushHeaders();
    return undefined;
  }
  const { socket } = response.req;
  socket.write(statusLine(status));
  record.status = status;
  const outcome = await playPauses(reply.beforeHeaders, pauses);
  if (outcome) return outcome;
  socket.write(`${headerLines([...headers, ["connection", "close"]])}\r\n`);
  return undefined;
}

/** Aborted when the client leaves before the response is complete, or when the server closes. */
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
