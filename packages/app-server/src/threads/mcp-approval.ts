import type { ApprovalDecision, McpToolApprovalRequest } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { z } from "zod";
import { newer } from "../wire/generation.ts";
import type { Generation } from "../wire/generation.ts";
import type { ClientSession } from "./session.ts";

/** The hints of the protocol; what else a server says of its tools is not passed on. */
const HINTS = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

const reply = z.object({
  action: z.enum(["accept", "decline", "cancel"]),
  // Anything but the two words is an approval of this call alone.
  _meta: z
    .object({ persist: z.enum(["session", "always"]).optional().catch(undefined) })
    .nullish()
    .catch(undefined),
});

/** A question about a tool of an MCP server, in the form of a question of the server itself. */
export function mcpApprovalParams(session: ClientSession, request: McpToolApprovalRequest): object {
  const { threadId, turnId, server: serverName, tool } = request;
  const { generation } = session;
  return {
    threadId,
    turnId,
    serverName,
    ...newer(generation, { environmentId: null }),
    mode: "form",
    _meta: {
      codex_approval_kind: "mcp_tool_call",
      ...(!request.isAlwaysAsked && { persist: waysToPersist(session) }),
      ...toolMeta(generation, request),
    },
    message: `Allow the ${serverName} MCP server to run tool "${tool}"?`,
    requestedSchema: { type: "object", properties: {} },
  };
}

function waysToPersist({ options }: ClientSession): readonly string[] {
  return options.host.allowMcpTool === undefined ? ["session"] : ["session", "always"];
}

function toolMeta(generation: Generation, request: McpToolApprovalRequest): object {
  const { tool, title, description } = request;
  const annotations = hintsOf(request.annotations);
  const args = isJsonObject(request.arguments) ? request.arguments : {};
  const display = Object.entries(args)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => ({ name, value, display_name: name }));
  return {
    ...newer(generation, {
      tool_name: tool,
      ...(Object.keys(annotations).length > 0 && { tool_annotations: annotations }),
    }),
    ...(title !== undefined && { tool_title: title }),
    ...(description !== undefined && { tool_description: description }),
    tool_params: args,
    tool_params_display: display,
  };
}

function hintsOf(annotations: JsonObject): JsonObject {
  return Object.fromEntries(
    HINTS.flatMap((hint) => {
      const value = annotations[hint];
      return typeof value === "boolean" ? [[hint, value]] : [];
    }),
  );
}

/** The decision in a client's reply; one that is none is a no. `always` is kept where the host keeps such things. */
export async function readMcpApproval(
  session: ClientSession,
  request: McpToolApprovalRequest,
  result: unknown,
): Promise<ApprovalDecision> {
  const read = reply.safeParse(result);
  if (!read.success) return "denied";
  const { action, _meta: meta } = read.data;
  if (action !== "accept") return action === "decline" ? "denied" : "dismissed";
  if (meta?.persist === undefined) return "approved";
  if (meta.persist === "always" && !request.isAlwaysAsked) await allowForGood(session, request);
  return "approved_for_session";
}

async function allowForGood(
  session: ClientSession,
  { threadId, server, tool }: McpToolApprovalRequest,
): Promise<void> {
  try {
    await session.options.host.allowMcpTool?.(server, tool);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the approval holds for this session only, because it could not be kept: ${reason}`;
    session.notify({ method: "warning", params: { threadId, message } });
  }
}
