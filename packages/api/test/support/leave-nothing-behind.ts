/**
 * Imports the package, then uses every transport and leaves streams in every way, then has nothing more to do. Run as a
 * process of its own by a test: it must end by itself, and prints what it had loaded after the import and at the end.
 */
import { createRequire } from "node:module";

function loaded(): { readonly https: boolean; readonly ws: boolean } {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
  return {
    https: moduleLoadList.includes("NativeModule https"),
    ws: Object.keys(createRequire(import.meta.url).cache).some((file) =>
      /[\\/]ws[\\/]lib[\\/]/.test(file),
    ),
  };
}

await import("@codex-ts/api");
const afterImport = loaded();

const { created, hang, messageExchange, startResponsesServer, textDelta } =
  await import("@codex-ts/responses-server");
const { clientAt, outcomeOf, request, retries } = await import("./client.ts");
const { frame, webSocketClientAt } = await import("./websocket.ts");

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
process.stdout.write(JSON.stringify({ afterImport, atEnd: loaded() }));
