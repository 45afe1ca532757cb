import { createServer, request as send } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { OutcomeScenario, RawReply } from "./outcome-scenarios.ts";

/** A server, and a proxy in front of it where the scenario has one. */
export interface OutcomeServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** Variables that name the proxy. */
  readonly env: Readonly<Record<string, string>>;
}

/** Plays the replies of a scenario; `onRequest` is told the number of each request. */
export async function startOutcomeServer(
  { replies, proxy }: OutcomeScenario,
  onRequest: (count: number) => void,
): Promise<OutcomeServer> {
  let count = 0;
  const server = await listen((request) => {
    request.resume().on("end", () => {
      const reply = replies[Math.min(count, replies.length - 1)];
      count += 1;
      onRequest(count);
      if (reply === undefined || reply === "never") return;
      if (reply === "reset") request.socket.resetAndDestroy();
      else write(request.socket, reply);
    });
  });
  const between =
    proxy === undefined
      ? undefined
      : await listen((request, response) => forward(proxy, server.port, request, response));
  return {
    baseUrl: `http://127.0.0.1:${server.port}/v1`,
    env: between === undefined ? {} : { HTTP_PROXY: `http://127.0.0.1:${between.port}` },
    async [Symbol.asyncDispose]() {
      await server.close();
      await between?.close();
    },
  };
}

function write(socket: Socket, reply: RawReply): void {
  const body = Buffer.concat([Buffer.from(reply.body), reply.tail ?? Buffer.alloc(0)]);
  const isOpen = reply.ending !== undefined;
  const framing = isOpen
    ? ["transfer-encoding: chunked"]
    : reply.status === 204
      ? ["connection: close"]
      : [`content-length: ${body.length}`, "connection: close"];
  const lines = [
    ...(reply.earlyHintId === undefined
      ? []
      : ["HTTP/1.1 103 Early Hints", `x-request-id: ${reply.earlyHintId}`, ""]),
    `HTTP/1.1 ${reply.status} X`,
    ...reply.headers.map(([name, value]) => `${name}: ${value}`),
    ...framing,
    "",
    "",
  ];
  socket.write(Buffer.from(lines.join("\r\n"), "latin1"));
  if (!isOpen) {
    socket.end(body);
    return;
  }
  if (body.length > 0)
    socket.write(`${body.length.toString(16)}\r\n${body.toString("latin1")}\r\n`, "latin1");
  if (reply.ending === "cut") setTimeout(() => socket.destroy(), 50);
}

function forward(
  way: "pass" | "addFirst" | "refuse",
  port: number,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (way === "refuse") {
    request.resume();
    response.writeHead(502, { "x-request-id": "req_proxy", "content-type": "text/plain" });
    response.end("proxy says no");
    return;
  }
  const { pathname } = new URL(request.url ?? "");
  const headers = { ...request.headers, connection: "close" };
  const forwarded = send(
    { host: "127.0.0.1", port, method: request.method, path: pathname, headers },
    (answer) => {
      const own = way === "addFirst" ? ["x-request-id", "req_proxy"] : [];
      response.writeHead(answer.statusCode ?? 0, [...own, ...answer.rawHeaders]);
      answer.pipe(response);
    },
  );
  forwarded.on("error", () => response.destroy());
  request.pipe(forwarded);
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server: Server = createServer(handle);
  server.on("connection", (socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
