import { ToolError, defineTool } from "@codex-ts/core";
import type { SessionContent, Tool, ToolContent, ToolContext } from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";
import { z } from "zod";
import { invalidRequest, toRefusal } from "../connection/rpc-error.ts";
import { readKeptTools } from "../params/read-params.ts";
import type { ClientSession } from "./session.ts";

/** A tool that a client brings along: the model calls it, the client runs it. */
export interface ClientTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
}

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

/** The tools of a client for one of its threads, whose id is known when they run. Throws `RpcError`. */
export function clientTools(
  session: ClientSession,
  tools: readonly ClientTool[],
  threadId: () => string,
): readonly Tool[] {
  return tools.map(({ name, description, inputSchema }) => {
    if (!TOOL_NAME.test(name)) {
      throw invalidRequest(`dynamic tool name must match ${TOOL_NAME.source}: ${name}`);
    }
    try {
      return defineTool({
        name,
        description,
        parameters: inputSchema,
        execute: (args: unknown, context) =>
          callClient(session, { name, args, threadId: threadId(), context }),
      });
    } catch (error) {
      throw toRefusal(error);
    }
  });
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
    readonly name: string;
    readonly args: unknown;
    readonly threadId: string;
    readonly context: ToolContext;
  },
): Promise<readonly ToolContent[]> {
  const { threadId, context, name: tool, args } = call;
  const { turnId, callId } = context;
  const params = { threadId, turnId, callId, namespace: null, tool, arguments: args };
  const asked = connection.ask("item/tool/call", params);
  let result: unknown;
  try {
    result = await asked.answer;
  } catch {
    throw new ToolError("dynamic tool request failed");
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
