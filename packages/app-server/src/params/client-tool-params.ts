import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { z } from "zod";

/** A tool that a client brings along: the model calls it, the client runs it. As it came, without members nobody knows. */
interface FunctionTool {
  readonly type?: "function" | undefined;
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonValue;
  /** Whether the model has to search for it. */
  readonly deferLoading?: boolean | undefined;
  /** Its group, in the form without `type`. */
  readonly namespace?: string | undefined;
}

interface ToolGroup {
  readonly type: "namespace";
  readonly name: string;
  readonly description: string;
  readonly tools: readonly FunctionTool[];
}

export type ClientTool = FunctionTool | ToolGroup;

const text = z.string();

const functionTool = z.object({
  type: z.literal("function").optional(),
  name: text,
  description: text,
  inputSchema: z.custom<JsonValue>((value) => value !== undefined, "missing field `inputSchema`"),
  deferLoading: z.boolean().optional(),
  namespace: text.optional(),
});

const toolGroup = z.object({
  type: z.literal("namespace"),
  name: text,
  description: text,
  tools: z.array(functionTool),
});

/** Problems are those of the form that a tool has by its `type`. */
const clientTool = z.unknown().transform((value, context): ClientTool => {
  const isGroup = isJsonObject(value) && value["type"] === "namespace";
  const result = isGroup ? toolGroup.safeParse(value) : functionTool.safeParse(value);
  if (result.success) return result.data;
  for (const { message, path } of result.error.issues) {
    context.addIssue({ code: "custom", message, path: [...path] });
  }
  return z.NEVER;
});

export const clientTools: z.ZodType<readonly ClientTool[]> = z.array(clientTool);

/** The tools that a client brought along when its session began, as the session file keeps them; none that cannot be read. */
export function readKeptTools(kept: JsonValue | undefined): readonly ClientTool[] {
  const tools = Array.isArray(kept) ? kept : [];
  return tools.flatMap((tool) => {
    const { success, data } = clientTool.safeParse(tool);
    return success ? [data] : [];
  });
}

/** As a session file keeps it. */
export function toKeptTool(tool: ClientTool): JsonObject {
  return JSON.parse(JSON.stringify(tool)) as JsonObject;
}
