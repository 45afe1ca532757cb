import type { McpElicitation, McpElicitationAnswer, OnMcpElicitation } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import { newer } from "../wire/generation.ts";
import type { ClientRequests } from "./client-requests.ts";
import type { ClientSession } from "./session.ts";

/** Hands the questions of MCP servers to the client of their thread. Rejects when it refuses the request. */
export function askForServer(session: ClientSession, requests: ClientRequests): OnMcpElicitation {
  return (elicitation, { signal }) =>
    requests.ask({
      threadId: elicitation.threadId,
      turnId: elicitation.turnId,
      flag: "waitingOnApproval",
      method: "mcpServer/elicitation/request",
      params: toParams(session, elicitation),
      read: readAnswer,
      signal,
    });
}

function toParams({ generation }: ClientSession, elicitation: McpElicitation): object {
  const { threadId, turnId = null, server: serverName, message, meta = null } = elicitation;
  return {
    threadId,
    turnId,
    serverName,
    ...newer(generation, { environmentId: null }),
    mode: elicitation.mode,
    _meta: meta,
    message,
    ...(elicitation.mode === "url"
      ? { url: elicitation.url, elicitationId: elicitation.elicitationId }
      : { requestedSchema: elicitation.requestedSchema }),
  };
}

function readAnswer(given: unknown): McpElicitationAnswer {
  const { action, content } = isJsonObject(given) ? given : {};
  if (action === "accept") return { action, content: isJsonObject(content) ? content : {} };
  return { action: action === "decline" ? action : "cancel" };
}
