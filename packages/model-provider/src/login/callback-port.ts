import { type Server, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { LoginError } from "./login-error.ts";

const HOST = "127.0.0.1";
const RETRY_DELAY_MS = 200;
const ATTEMPTS_PER_PORT = 10;
const CANCEL_MS = 1_000;

/** A server that listens on one of the callback ports. */
export interface ListeningServer {
  readonly server: Server;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on the first port that is free. A port held by an earlier login is asked once to give up, then tried for two
 * seconds. Rejects with `LoginError` when every port stays busy.
 */
export async function listenForCallback(options: {
  readonly ports: readonly number[];
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<ListeningServer> {
  const { ports, signal, sleep = (ms: number) => delay(ms) } = options;
  for (const port of ports) {
    for (let attempt = 0; attempt < ATTEMPTS_PER_PORT; attempt += 1) {
      signal?.throwIfAborted();
      const listening = await tryListen(port);
      if (listening !== undefined) return listening;
      if (attempt === 0) await askToCancel(port);
      await sleep(RETRY_DELAY_MS, signal);
    }
  }
  throw new LoginError(
    "port_in_use",
    `port ${ports.join(" and ")} ${ports.length === 1 ? "is" : "are"} already in use; ` +
      "end the other login or use a device code",
  );
}

async function tryListen(port: number): Promise<ListeningServer | undefined> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  server.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") resolve(false);
    else reject(new LoginError("port_in_use", `listen on port ${port}: ${error.code ?? "failed"}`));
  });
  server.listen(port, HOST, () => resolve(true));
  if (!(await promise)) return undefined;
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async close() {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Another login of ours (or Codex's) ends at `/cancel`; anything else responds as it likes. */
async function askToCancel(port: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const request = get(
    // A limit for the whole exchange: whoever holds the port may drip an answer for ever.
    { host: HOST, port, path: "/cancel", agent: false, signal: AbortSignal.timeout(CANCEL_MS) },
    (response) => {
      response.resume();
      response.once("close", resolve);
    },
  );
  request.once("error", () => resolve());
  await promise;
}
