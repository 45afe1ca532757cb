import type { ReceivedRequest, ResponsesServer } from "@codex-ts/responses-server";
import { isJsonObject } from "@codex-ts/protocol";
import type { ObservedRequest, ObservedRun } from "./observed-run.ts";
import { typeName } from "./type-name.ts";

/** What a scripted server received so far. */
export function observeServer(
  server: ResponsesServer,
): Pick<ObservedRun, "requests" | "handshakes"> & { readonly events: readonly [] } {
  return {
    requests: server.requests.map(observedRequest),
    handshakes: server.connections.map(({ path, headers }) => ({
      target: `upgrade ${path}`,
      headers,
      body: undefined,
    })),
    events: [],
  };
}

function observedRequest(request: ReceivedRequest): ObservedRequest {
  const { transport, method, path, headers, body, connectionIndex } = request;
  if (transport === "http") return { target: `${method} ${path}`, headers, body };
  const type = isJsonObject(body) ? typeName(body) : "text";
  return { target: `frame ${type}`, headers: [], body, connection: connectionIndex };
}
