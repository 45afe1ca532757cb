import { STATUS_CODES } from "node:http";
import type { BodyReply, Reply } from "../script/exchange.ts";
import type { HeaderPair } from "../received-request.ts";

/** Status line and headers of a reply. */
export interface HeadFacts {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
}

/** The head of a reply: its own headers, the request id, and a content type where it has none. */
export function replyHead(reply: Reply): HeadFacts {
  const headers: HeaderPair[] = flattenHeaders(reply.headers ?? {});
  if (reply.requestId !== undefined) headers.push(["x-request-id", reply.requestId]);
  const hasOwn = (name: string): boolean => headers.some(([own]) => own.toLowerCase() === name);
  const contentType = reply.events ? "text/event-stream" : bodyContentType(reply.body);
  if (contentType !== undefined && !hasOwn("content-type")) {
    headers.push(["content-type", contentType]);
  }
  const { status = 200 } = reply;
  const isSized = !reply.events && status !== 204 && status !== 304;
  if (isSized && !hasOwn("content-length") && !hasOwn("transfer-encoding")) {
    headers.push(["content-length", String(encodeBody(reply.body).length)]);
  }
  return { status, headers };
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

function bodyContentType(body: BodyReply["body"]): string | undefined {
  if (body === null) return undefined;
  if (typeof body === "string") return "text/plain; charset=utf-8";
  return body instanceof Uint8Array ? "application/octet-stream" : "application/json";
}
