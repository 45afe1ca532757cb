import type { HeaderPair, ReceivedRequest } from "../received-request.ts";
import type { LoggedRequest, ServerLog } from "../server-log.ts";
import type { PlayRecord } from "./play-record.ts";
import type { ServerContext } from "./server-context.ts";

/** Headers whose values are credentials or sessions. */
const SECRET_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "api-key",
]);

/** The records of a server as plain JSON. */
export function serverLog(context: ServerContext): ServerLog {
  const records = new Map(context.exchanges.map((record) => [record.request, record]));
  const plain: ServerLog = {
    requests: context.requests.map((request) => loggedRequest(request, records.get(request))),
    connections: context.connections.map((connection) => ({
      index: connection.index,
      path: connection.path,
      headers: redact(connection.headers),
      status: connection.status ?? null,
      responseHeaders: redact(connection.responseHeaders),
      framesReceived: connection.frames.length,
      closeCode: connection.closeCode ?? null,
    })),
    unexpected: context.unexpected.map(({ reason }) => reason),
  };
  // A copy: the log must not change while the server runs on.
  return structuredClone(plain);
}

function loggedRequest(request: ReceivedRequest, record: PlayRecord | undefined): LoggedRequest {
  return {
    index: request.index,
    transport: request.transport,
    connectionIndex: request.connectionIndex ?? null,
    method: request.method,
    path: request.path,
    headers: redact(request.headers),
    body: request.body ?? request.bodyText,
    receivedAtUnixMs: request.receivedAtUnixMs,
    response: record
      ? {
          status: record.status ?? null,
          headers: redact(record.headers),
          state: record.state,
          eventsSent: record.eventsSent,
          bytesWritten: record.bytesWritten,
        }
      : null,
  };
}

function redact(headers: readonly HeaderPair[]): HeaderPair[] {
  return headers.map(([name, value]) => [
    name,
    SECRET_HEADERS.has(name.toLowerCase()) ? "[redacted]" : value,
  ]);
}
