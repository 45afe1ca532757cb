import { isJsonObject } from "@codex-ts/protocol";
import type { HeaderPair, ReceivedRequest } from "../received-request.ts";

/** Node's flat list of names and values as pairs. */
export function headerPairs(rawHeaders: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return pairs;
}

/** The first value of a header; the letter case of its name does not matter. */
export function findHeader(headers: readonly HeaderPair[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1];
}

/** A request record with its lookup method. */
export function receivedRequest(facts: Omit<ReceivedRequest, "header">): ReceivedRequest {
  return { ...facts, header: (name) => findHeader(facts.headers, name) };
}

/** The model a request asks for; `undefined` when it names none. */
export function requestedModel(request: ReceivedRequest): string | undefined {
  const model = isJsonObject(request.body) ? request.body["model"] : undefined;
  return typeof model === "string" ? model : undefined;
}

/** How a request is named in messages. */
export function describeRequest(request: ReceivedRequest): string {
  const what =
    request.transport === "http"
      ? `${request.method} ${request.path}`
      : `a frame on WebSocket connection ${(request.connectionIndex ?? 0) + 1}`;
  return `request ${request.index + 1} (${what})`;
}
