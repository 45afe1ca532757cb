import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { completed, created, itemDone, message } from "@codex-ts/responses-server";
import type { ServerEvent } from "@codex-ts/responses-server";

/** A server of one long turn, as often as it is played. Disposing closes it. */
export interface ThreadServer extends AsyncDisposable {
  readonly url: string;
  /** Bytes of the body of each request of the turn that was played last. */
  readonly bodyBytes: readonly number[];
}

/**
 * Answers all requests of a turn but the last with a command that prints 4 KB. The bodies of a long turn are gigabytes
 * together: unlike those of the scripted server they are counted and not kept.
 */
export async function startThreadServer(requests: number): Promise<ThreadServer> {
  let bodyBytes: number[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (part: Buffer) => {
      bytes += part.length;
    });
    request.on("end", () => {
      if (bodyBytes.length === requests) bodyBytes = [];
      bodyBytes.push(bytes);
      const body = responseText(bodyBytes.length, requests);
      response.writeHead(200, { "content-type": "text/event-stream" }).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    get bodyBytes() {
      return bodyBytes;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function responseText(ordinal: number, requests: number): string {
  const responseId = `resp_${ordinal}`;
  const item =
    ordinal === requests
      ? message("Done.")
      : itemDone({
          type: "function_call",
          name: "exec_command",
          // The shell does it by itself; nothing is started for it.
          arguments: JSON.stringify({ cmd: "printf '%04096d' 1", login: false }),
          call_id: `call_${ordinal}`,
        });
  const events: readonly ServerEvent[] = [created(responseId), item, completed({ responseId })];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}
