/**
 * Uses every transport and leaves streams in every way, then has nothing more to do. Run as a process of its own by a
 * test: it must end by itself, and prints what was still active when its last line ran.
 */
import {
  created,
  hang,
  messageExchange,
  startResponsesServer,
  textDelta,
} from "@codex-ts/responses-server";
import { clientAt, outcomeOf, request, retries } from "./client.ts";
import { frame, webSocketClientAt } from "./websocket.ts";

const hanging = { events: [created(), textDelta("a"), hang()] };
const server = await startResponsesServer({
  script: [
    messageExchange("whole"),
    hanging,
    hanging,
    hanging,
    { beforeStatus: [hang()], body: null },
    messageExchange("over WebSocket"),
    hanging,
  ],
});
// Long timers, so that a forgotten one would keep the process.
const client = clientAt(server.url, { ...retries(0), streamIdleTimeoutMs: 600_000 });

await outcomeOf(await client.stream(request()));
for await (const event of await client.stream(request())) if (event.type === "created") break;
await (await client.stream(request()))[Symbol.asyncDispose]();
const during = new AbortController();
const aborted = outcomeOf(await client.stream(request(), { signal: during.signal }));
during.abort(new Error("stop"));
await aborted.catch(() => {});
const before = new AbortController();
const never = client.stream(request(), { signal: before.signal });
await server.waitForRequest(5);
before.abort(new Error("stop"));
await never.catch(() => {});

const webSockets = webSocketClientAt(server.url, { streamIdleTimeoutMs: 600_000 });
const connection = await webSockets.connect();
await outcomeOf(await connection.stream(frame()));
await (await connection.stream(frame()))[Symbol.asyncDispose]();
const closing = await webSockets.connect();
await closing.close();

await server.close();
process.stdout.write("done\n");
