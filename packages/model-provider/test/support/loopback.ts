import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body when it is JSON. */
  readonly json: unknown;
}

export interface LoopbackAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON. */
  readonly body?: object | string;
}

export interface Loopback extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` without a final slash. */
  readonly url: string;
  /** Everything received so far, in order. */
  readonly requests: readonly ReceivedRequest[];
}

/** A server on 127.0.0.1 that answers with whatever `handle` returns; `"hang"` never answers. */
export async function startLoopback(
  handle: (request: ReceivedRequest) => LoopbackAnswer | "hang" | Promise<LoopbackAnswer | "hang">,
): Promise<Loopback> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const request = await receive(incoming);
      requests.push(request);
      const answer = await handle(request);
      if (answer === "hang") return;
      const body = typeof answer.body === "object" ? JSON.stringify(answer.body) : answer.body;
      outgoing.writeHead(answer.status ?? 200, answer.headers).end(body ?? "");
    })();
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await listening;
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      server.closeAllConnections();
      await closed;
    },
  };
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return {
    method: incoming.method ?? "",
    url: incoming.url ?? "",
    headers: incoming.headers,
    text,
    json: parse(text),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
