import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { answerMcp } from "./mcp-answers.ts";
import type { McpKind, McpMessage } from "./mcp-answers.ts";

/** A request as it arrived. */
interface SeenRequest {
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
  readonly message: McpMessage | undefined;
}

/** A server of the Model Context Protocol over streamable HTTP on the loopback. */
export interface McpHttpTestServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
}

const SESSION_ID = "session-1";

/** `authorize` refuses a request by the status it returns. */
export async function startMcpHttpServer(
  kind: McpKind,
  {
    authorize,
    answersInStreams = false,
  }: {
    readonly authorize?: (request: IncomingMessage) => { status: number; body: string } | undefined;
    /** Whether answers are server-sent events; JSON otherwise. */
    readonly answersInStreams?: boolean;
  } = {},
): Promise<McpHttpTestServer> {
  const seen: SeenRequest[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const message = await readMessage(request);
    seen.push({ method: request.method ?? "", headers: request.headers, message });
    const refusal = authorize?.(request);
    if (refusal !== undefined) {
      response.writeHead(refusal.status).end(refusal.body);
      return;
    }
    if (request.method !== "POST" || message === undefined) {
      response.writeHead(request.method === "DELETE" ? 200 : 405).end();
      return;
    }
    if (message.id === undefined || message.method === undefined) {
      response.writeHead(202).end();
      await answerMcp(kind, message, { send: () => undefined, exit: () => undefined });
      return;
    }
    response.setHeader("mcp-session-id", SESSION_ID);
    response.setHeader("content-type", answersInStreams ? "text/event-stream" : "application/json");
    await answerMcp(kind, message, {
      send: (sent) => {
        const json = JSON.stringify({ jsonrpc: "2.0", ...sent });
        const isLast = "result" in sent || "error" in sent;
        if (answersInStreams) response.write(`data: ${json}\n\n`);
        else if (isLast) response.write(json);
        if (isLast) response.end();
      },
      exit: () => response.destroy(),
    });
  };
  const server: Server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readMessage(request: IncomingMessage): Promise<McpMessage | undefined> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : (JSON.parse(text) as McpMessage);
}
