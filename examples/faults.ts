import {
  disconnect,
  errorExchange,
  messageExchange,
  reset,
  startResponsesServer,
  streamExchange,
} from "@codex-ts/responses-server";

const server = await startResponsesServer({
  script: [
    errorExchange(503, { code: "server_is_overloaded", headers: { "retry-after": "1" } }),
    { beforeStatus: [reset()], body: null }, // nothing comes back at all
    streamExchange([disconnect()], { requestId: "req_3" }), // cut in the middle
    { ...messageExchange("hi"), chunkSizesBytes: [1] }, // byte by byte
  ],
  handshakes: [{ status: 426 }], // refuse the first WebSocket upgrade, accept later ones
});
for (let count = 1; count <= 4; count += 1) {
  const answer = await fetch(`${server.url}/responses`, { method: "POST", body: '{"stream":true}' })
    .then(async (response) => `${response.status}, ${(await response.text()).length} characters`)
    .catch(() => "connection broken");
  console.log(count, answer);
}
await server.close();
