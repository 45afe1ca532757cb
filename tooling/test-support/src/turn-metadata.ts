/** A request as a scripted server received it. */
interface SentRequest {
  readonly transport: "http" | "websocket";
  readonly path: string;
  /** For a frame, those of its handshake. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: unknown;
  /** For a frame, the number of its connection. */
  readonly connectionIndex: number | undefined;
}

const NAME = "x-codex-turn-metadata";

/** Longest blob that is also sent as a header: own decision of the project, docs/behavior/core.md 2.9. */
const MAX_HEADER_BYTES = 8192;

/**
 * Requests whose turn metadata is not what it must be: on a sampling request the header is the text of the body, and is
 * missing when that is longer than 8 KiB; a handshake carries the text of the first frame, or none; remote compaction v1
 * has the header alone; every other request has none. Empty when all is well.
 */
export function turnMetadataProblems(requests: readonly SentRequest[]): string[] {
  const connections = new Set<number | undefined>();
  return requests.flatMap((request, index) => {
    const isFirst = !connections.has(request.connectionIndex);
    connections.add(request.connectionIndex);
    const problem =
      request.transport === "http" ? httpProblem(request) : frameProblem(request, isFirst);
    return problem === undefined ? [] : [`request ${index} (${request.path}): ${problem}`];
  });
}

function httpProblem(request: SentRequest): string | undefined {
  const headers = blobHeaders(request);
  const body = bodyBlob(request);
  if (headers.length > 1) return "the header is there more than once";
  const [header] = headers;
  if (request.path.endsWith("/responses/compact")) {
    if (body !== undefined) return "a compaction endpoint got metadata in the body";
    return header === undefined || kindOf(header) === "compaction"
      ? undefined
      : "the header of a compaction names another kind";
  }
  if (!/\/responses(\?|$)/.test(request.path)) {
    return header === undefined && body === undefined ? undefined : "it carries turn metadata";
  }
  if (body === undefined) return "its body has no turn metadata";
  if (body.length > MAX_HEADER_BYTES) {
    return header === undefined ? undefined : "something stands in for a header that is too long";
  }
  return header === body
    ? undefined
    : `the header is not the text of the body: ${header ?? "missing"}`;
}

function frameProblem(request: SentRequest, isFirst: boolean): string | undefined {
  const body = bodyBlob(request);
  if (body === undefined) return "the frame has no turn metadata";
  const [header] = blobHeaders(request);
  if (!isFirst || header === undefined || header === body) return undefined;
  return "the handshake carries another text than the first frame";
}

function blobHeaders({ headers }: SentRequest): string[] {
  return headers.filter(([name]) => name.toLowerCase() === NAME).map(([, value]) => value);
}

function bodyBlob({ body }: SentRequest): string | undefined {
  const metadata = memberOf(body, "client_metadata");
  const blob = memberOf(metadata, NAME);
  return typeof blob === "string" ? blob : undefined;
}

function kindOf(blob: string): unknown {
  try {
    return memberOf(JSON.parse(blob), "request_kind");
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
