import { STATUS_CODES } from "node:http";
import type { BodyReply, Reply } from "../script/exchange.ts";
import type { HeaderPair, ReceivedRequest } from "../received-request.ts";
import { defaultRequestId } from "./default-ids.ts";
import { findHeader, requestedModel } from "./received.ts";

/** The request that a reply belongs to. */
export interface AnsweredRequest {
  readonly request: ReceivedRequest;
  /** True when the script responds with events, in any form of delivery. */
  readonly isResponse: boolean;
}

/** Status line and headers of a reply. */
export interface HeadFacts {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
}

/** The head of a reply: its own headers, and what the API would send beside them. */
export function replyHead(reply: Reply, { request, isResponse }: AnsweredRequest): HeadFacts {
  const { status = 200 } = reply;
  const headers: HeaderPair[] = flattenHeaders(reply.headers ?? {});
  const hasOwn = (name: string): boolean => findHeader(headers, name) !== undefined;
  const model = isResponse && status < 400 ? modelHeader(request) : undefined;
  const contentType = reply.events ? "text/event-stream" : bodyContentType(reply.body);
  addHeader(headers, "x-request-id", reply.requestId, defaultRequestId(request.index));
  addHeader(headers, "openai-model", reply.openaiModel, model);
  addHeader(headers, "content-type", undefined, contentType);
  const isSized = !reply.events && status !== 204 && status !== 304;
  if (isSized && !hasOwn("content-length") && !hasOwn("transfer-encoding")) {
    headers.push(["content-length", String(encodeBody(reply.body).length)]);
  }
  return { status, headers };
}

/** Adds a header with its scripted value, none for `null`; without one the default, where no header has the name. */
export function addHeader(
  headers: HeaderPair[],
  name: string,
  scripted: string | null | undefined,
  byDefault: string | undefined,
): void {
  const hasOwn = findHeader(headers, name) !== undefined;
  const value = scripted === undefined && !hasOwn ? byDefault : scripted;
  if (typeof value === "string") headers.push([name, value]);
}

/** One pair per header line. */
export function flattenHeaders(
  headers: Readonly<Record<string, string | readonly string[]>>,
): HeaderPair[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).map((one): HeaderPair => [name, one]),
  );
}

/** The bytes of a reply in one piece. */
export function encodeBody(body: BodyReply["body"]): Buffer {
  if (body === null) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}

/** The first line of a response written by hand. */
export function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Scripted"}\r\n`;
}

/** Headers of a response written by hand. */
export function headerLines(headers: readonly HeaderPair[]): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
}

/** The model a request names, where a header can carry it. */
function modelHeader(request: ReceivedRequest): string | undefined {
  const model = requestedModel(request);
  return model !== undefined && /^[\x21-\x7e]+$/.test(model) ? model : undefined;
}

function bodyContentType(body: BodyReply["body"]): string | undefined {
  if (body === null) return undefined;
  if (typeof body === "string") return "text/plain; charset=utf-8";
  return body instanceof Uint8Array ? "application/octet-stream" : "application/json";
}
