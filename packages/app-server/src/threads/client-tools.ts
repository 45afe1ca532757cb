import { ToolError, defineClientTool } from "@codex-ts/core";
import type { SessionContent, Tool, ToolContent, ToolContext, ToolNamespace } from "@codex-ts/core";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { z } from "zod";
import { invalidRequest, toRefusal } from "../connection/rpc-error.ts";
import { readKeptTools } from "../params/client-tool-params.ts";
import type { ClientTool } from "../params/client-tool-params.ts";
import type { ClientSession } from "./session.ts";

/** The name of a tool as requests send it. */
const TOOL_NAME = /^[a-zA-Z0-9_-]+$/;

const answer = z.object({
  contentItems: z.array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("inputText"), text: z.string() }),
      z.object({ type: z.literal("inputImage"), imageUrl: z.string() }),
    ]),
  ),
  success: z.boolean(),
});

/** A tool for itself, with the group it is in. */
interface LooseTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonValue;
  readonly isDeferred: boolean;
  readonly namespace: ToolNamespace | undefined;
}

/** The tools of a client for one of its threads, whose id is known when they run. Throws `RpcError`. */
export function clientTools(
  session: ClientSession,
  tools: readonly ClientTool[],
  threadId: () => string,
): readonly Tool[] {
  requireGroups(tools);
  return tools.flatMap(loose).map((tool) => {
    requireName("name", tool.name);
    if (tool.isDeferred && tool.namespace === undefined) {
      throw invalidRequest(`deferred dynamic tool must include a namespace: ${tool.name}`);
    }
    try {
      return defineClientTool({
        ...tool,
        execute: (args, context) =>
          callClient(session, { tool, args, threadId: threadId(), context }),
      });
    } catch (error) {
      throw toRefusal(error);
    }
  });
}

function loose(tool: ClientTool): readonly LooseTool[] {
  if (tool.type === "namespace") {
    const { name, description } = tool;
    return tool.tools.flatMap((each) =>
      loose(each).map((member) => ({ ...member, namespace: { name, description } })),
    );
  }
  const { name, description, inputSchema, deferLoading: isDeferred = false } = tool;
  const namespace = tool.namespace === undefined ? undefined : { name: tool.namespace };
  return [{ name, description, inputSchema, isDeferred, namespace }];
}

/**
 * 0.171 has a form with `type`, and groups, beside the older one with `namespace`; 0.140 the older one alone. Throws `RpcError`
 * for what a client has mixed.
 */
export function requireOneForm(
  { generation }: ClientSession,
  tools: readonly ClientTool[] = [],
): void {
  if (generation === "0.140") {
    if (!tools.some(({ type }) => type === "namespace")) return;
    throw invalidRequest("Invalid request: missing field `inputSchema`");
  }
  const isMixed =
    tools.some(({ type }) => type !== undefined) &&
    tools.some((tool) => tool.type === undefined || ("namespace" in tool && tool.namespace));
  if (!isMixed) return;
  throw invalidRequest("Invalid request: dynamic tools must have a `type` all, or none of them");
}

/** Names that Codex keeps for itself. */
const RESERVED_GROUP = "functions";

function requireGroups(tools: readonly ClientTool[]): void {
  const groups = new Set<string>();
  for (const tool of tools) {
    if (tool.type !== "namespace") {
      if (tool.namespace !== undefined) requireGroupName(tool.namespace);
      continue;
    }
    const { name } = tool;
    requireGroupName(name);
    if (groups.has(name)) throw invalidRequest(`duplicate dynamic tool namespace: ${name}`);
    groups.add(name);
    if (tool.tools.length > 0) continue;
    throw invalidRequest(`dynamic tool namespace must contain at least one tool: ${name}`);
  }
}

function requireGroupName(name: string): void {
  requireName("namespace", name);
  if (name !== RESERVED_GROUP && name !== "mcp" && !name.startsWith("mcp__")) return;
  throw invalidRequest(`dynamic tool namespace is reserved: ${name.slice(0, 200)}`);
}

function requireName(what: "name" | "namespace", name: string): void {
  if (TOOL_NAME.test(name)) return;
  throw invalidRequest(
    `dynamic tool ${what} must match ${TOOL_NAME.source}: ${name.slice(0, 200)}`,
  );
}

/** The tools that a client brought along when the session of a file began, without those that cannot be offered here. */
export function keptClientTools(
  session: ClientSession,
  content: SessionContent | undefined,
): readonly ClientTool[] {
  return readKeptTools(content?.meta["dynamic_tools"]).filter((tool) => {
    try {
      return clientTools(session, [tool], () => "").length > 0;
    } catch {
      return false;
    }
  });
}

async function callClient(
  { connection }: ClientSession,
  call: {
    readonly tool: LooseTool;
    readonly args: JsonObject;
    readonly threadId: string;
    readonly context: ToolContext;
  },
): Promise<readonly ToolContent[]> {
  const { threadId, context, args } = call;
  const { name: tool, namespace } = call.tool;
  const { turnId, callId } = context;
  const params = {
    threadId,
    turnId,
    callId,
    namespace: namespace?.name ?? null,
    tool,
    arguments: args,
  };
  const asked = connection.ask("item/tool/call", params);
  // The turn does not wait for an answer any more, which then may never come.
  const forget = (): void => connection.forget(asked.id);
  context.signal.addEventListener("abort", forget, { once: true });
  let result: unknown;
  try {
    result = await asked.answer;
  } catch {
    throw new ToolError("dynamic tool request failed");
  } finally {
    context.signal.removeEventListener("abort", forget);
  }
  const read = answer.safeParse(result);
  if (!read.success) throw new ToolError("dynamic tool response was invalid");
  const { contentItems, success } = read.data;
  if (success) return contentItems.map(toContent);
  const texts = contentItems.flatMap((part) => (part.type === "inputText" ? [part.text] : []));
  throw new ToolError(texts.join("\n") || "the tool failed");
}

function toContent(part: z.output<typeof answer>["contentItems"][number]): ToolContent {
  return part.type === "inputText"
    ? { type: "text", text: part.text }
    : { type: "image", image_url: part.imageUrl };
}
