import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import * as api from "@codex-ts/api";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";

// A server with a certificate that no machine knows, and its authority, as a company has one.
const files = new URL("./certificates/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, files), "utf8");
const server = await startResponsesServer({
  script: [messageExchange("Hello."), messageExchange("Hello.")],
  tls: { cert: read("server.pem"), key: read("server-key.pem") },
});
const CODEX_CA_CERTIFICATE = new URL("ca.pem", files).pathname;

// A proxy that opens tunnels for those who have a password.
const proxy = createServer().on("connect", ({ url = "", headers }, socket) => {
  const credentials = headers["proxy-authorization"] ?? "";
  const isKnown = credentials === `Basic ${btoa("me:secret")}`;
  console.log(`proxy: CONNECT ${isKnown ? "with" : "without"} the password`);
  if (!isKnown) return socket.end("HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n");
  const target = connect(Number(url.split(":").at(-1)), "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    target.pipe(socket).pipe(target);
  });
  for (const each of [socket, target]) each.on("error", () => target.destroy());
});
await new Promise<void>((resolve) => {
  proxy.listen(0, "127.0.0.1", resolve);
});
const host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;

// `env` is usually process.env. Read once per program, for HTTP, WebSocket and logins alike.
async function send(env: Readonly<Record<string, string>>) {
  const network = api.networkFromEnvironment(env);
  const client = new api.ResponsesClient({
    provider: { name: "demo", baseUrl: server.url, ...api.DEFAULT_PROVIDER_SETTINGS },
    auth: { addAuthHeaders: (headers) => headers.set("authorization", "Bearer my-key") },
    dispatcher: network.dispatcher, // or an undici dispatcher of your own
  });
  const content = [{ type: "input_text", text: "Say hello." }] as const;
  const input = [{ type: "message", role: "user", content }] as const;
  const request = { ...api.DEFAULT_REQUEST_SETTINGS, model: "any-model", input };
  try {
    for await (const event of await client.stream(request))
      if (event.type === "completed") console.log(event.type);
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
  }
  await network.dispatcher.close();
}
console.log("-- through the proxy");
await send({ CODEX_CA_CERTIFICATE, HTTPS_PROXY: `http://me:secret@${host}` });
console.log("-- without its password");
await send({ CODEX_CA_CERTIFICATE, HTTPS_PROXY: `http://${host}` });
console.log("-- around it");
await send({ CODEX_CA_CERTIFICATE, HTTPS_PROXY: `http://${host}`, NO_PROXY: "127.0.0.1" });
console.log("-- without the authority");
await send({});
await server.close();
proxy.closeAllConnections();
proxy.close();
