import type { McpElicitation, McpElicitationAnswer } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import { newer } from "../wire/generation.ts";
import type { ClientSession } from "./session.ts";

/**
 * Hands the question of an MCP server to the client of its thread. Rejects when the client is gone, or refuses the
 * request.
 */
export async function askClient(
  session: ClientSession,
  elicitation: McpElicitation,
): Promise<McpElicitationAnswer> {
  const { threadId, turnId = null, server: serverName, message, meta = null } = elicitation;
  const { id, answer } = session.connection.ask("mcpServer/elicitation/request", {
    threadId,
    turnId,
    serverName,
    ...newer(session.generation, { environmentId: null }),
    mode: elicitation.mode,
    _meta: meta,
    message,
    ...(elicitation.mode === "url"
      ? { url: elicitation.url, elicitationId: elicitation.elicitationId }
      : { requestedSchema: elicitation.requestedSchema }),
  });
  try {
    const given = await answer;
    const { action, content } = isJsonObject(given) ? given : {};
    if (action === "accept") return { action, content: isJsonObject(content) ? content : {} };
    return { action: action === "decline" ? action : "cancel" };
  } finally {
    session.notify({ method: "serverRequest/resolved", params: { threadId, requestId: id } });
  }
}
