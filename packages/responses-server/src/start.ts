import { createServer } from "node:http";
import type { Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { ResponsesServerError } from "./errors.ts";
import { isLoopbackHost } from "./internal/loopback.ts";
import { RunningServer } from "./internal/running-server.ts";
import type { ResponsesServer, ResponsesServerOptions } from "./responses-server.ts";

/**
 * Starts a server that responds by script.
 *
 * Throws `ResponsesServerError` with code `port_in_use`, `listen_failed` or `host_not_loopback`.
 */
export async function startResponsesServer(
  options: ResponsesServerOptions,
): Promise<ResponsesServer> {
  const { host = "127.0.0.1", port = 0, reachableFrom = "loopback" } = options;
  if (reachableFrom === "loopback" && !isLoopbackHost(host)) {
    throw new ResponsesServerError(
      `host ${host} can be reached from other machines: use 127.0.0.1, or allow it with reachableFrom: "any"`,
      { code: "host_not_loopback", host, port },
    );
  }
  // No limits of time: a test decides how long a request may take.
  const limits = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 };
  const server = options.tls
    ? createTlsServer({ ...limits, ...options.tls })
    : createServer(limits);
  await listen(server, host, port);
  return new RunningServer(server, host, (server.address() as AddressInfo).port, options);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      const facts = { host, port, cause };
      const error =
        cause.code === "EADDRINUSE"
          ? new ResponsesServerError(
              `port ${port} on ${host} is already in use: stop the program that uses it, or choose another port (0 takes a free one)`,
              { code: "port_in_use", ...facts },
            )
          : new ResponsesServerError(`listen on ${host} port ${port}: ${cause.message}`, {
              code: "listen_failed",
              ...facts,
            });
      reject(error);
    };
    server.once("error", onError);
    try {
      server.listen(port, host, () => {
        server.off("error", onError);
        resolve();
      });
    } catch (cause) {
      onError(cause as NodeJS.ErrnoException);
    }
  });
}
