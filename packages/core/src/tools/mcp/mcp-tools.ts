import { isJsonObject, readCallToolResult } from "@codex-ts/protocol";
import type { CallToolResult, JsonObject, ModelInfo } from "@codex-ts/protocol";
import type { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import type { McpForm } from "../../compatibility/compatibility-profile.ts";
import { mcpRequestMeta } from "../../metadata/mcp-metadata.ts";
import { abortedText } from "../aborted-text.ts";
import { parseArguments } from "../arguments.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { toCallOutput, withoutUnreadable } from "./call-output.ts";
import type { ResultReader } from "./call-output.ts";
import { toInputSchema } from "./input-schema.ts";
import { approveCall } from "./mcp-approval.ts";
import { McpCallReporter } from "./mcp-call-reporter.ts";
import { toolTimeoutMs } from "./mcp-server-set.ts";
import type { ListedTool, McpServerSet, ReadyServer } from "./mcp-server-set.ts";
import type { McpServerOptions } from "./mcp-server-options.ts";
import { callableNames } from "./tool-names.ts";

/** Settings of a thread that calls of servers need. */
export interface McpToolSettings {
  readonly servers: McpServerSet;
  readonly form: McpForm;
  readonly trace: ThreadTrace;
  readonly clientVersion: string;
  readonly model: Pick<ModelInfo, "input_modalities" | "supports_image_detail_original">;
}

/** The tools of all servers that have started, sorted by the names the model calls them by. */
export function mcpTools(settings: McpToolSettings): readonly Tool[] {
  const offered = settings.servers.readyServers.flatMap((server) =>
    server.tools
      .filter(({ name }) => isOffered(name, server.options))
      .flatMap((listed) => {
        const schema = toInputSchema(listed.inputSchema);
        return schema === undefined ? [] : [{ server, listed, schema }];
      }),
  );
  const names = callableNames(
    offered.map(({ server, listed }) => ({ server: server.name, tool: listed.name })),
    settings.form.maxNameLength,
  );
  const tools = offered.map((one, index) => {
    const { namespace = "", name = "" } = names[index] ?? {};
    return makeTool(settings, { ...one, namespace, name });
  });
  return tools.toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
}

function sortKey({ namespace, name }: Tool): string {
  return `${namespace?.name ?? ""}\0${name}`;
}

function isOffered(name: string, { enabledTools, disabledTools }: McpServerOptions): boolean {
  return (enabledTools?.includes(name) ?? true) && !(disabledTools?.includes(name) ?? false);
}

interface OfferedTool {
  readonly server: ReadyServer;
  readonly listed: ListedTool;
  readonly schema: JsonObject;
  readonly namespace: string;
  readonly name: string;
}

function makeTool(settings: McpToolSettings, tool: OfferedTool): Tool {
  const { server, listed, schema, namespace, name } = tool;
  const { outputSchema } = listed.raw;
  const said = server.connection.about.instructions?.trim() ?? "";
  return {
    name,
    namespace: { name: namespace, ...(said !== "" && { description: said }) },
    givesMcpResult: true,
    ...(isJsonObject(outputSchema) && { scriptResult: outputSchema }),
    kind: "function",
    spec: {
      type: "function",
      name,
      description: listed.description ?? "",
      strict: false,
      parameters: schema,
    },
    parallel: server.options.supportsParallelToolCalls === true,
    run: (call) => settings.servers.during(call, () => runTool(settings, tool, call)),
  };
}

async function runTool(
  settings: McpToolSettings,
  tool: OfferedTool,
  call: ToolCall,
): Promise<ToolOutput> {
  const startedMs = performance.now();
  const wallTimeMs = (): number => performance.now() - startedMs;
  const args = readArguments(call.input);
  // No call was made: it is shown to the model alone.
  if (typeof args === "string") return answer(settings, call, `err: ${args}`, wallTimeMs());
  const { server, listed } = tool;
  const { readOnlyHint } = listed.annotations;
  const reporter = new McpCallReporter(call, {
    server: server.name,
    tool: listed.name,
    arguments: args,
    readOnlyHint: typeof readOnlyHint === "boolean" ? readOnlyHint : undefined,
  });
  reporter.began();
  // When the turn is left meanwhile, the item has no end, as in Codex.
  const approval = await approveCall(
    call,
    {
      server: server.name,
      tool: listed.name,
      title: listed.title,
      description: listed.description,
      annotations: listed.annotations,
      options: server.options,
      arguments: args,
    },
    settings.form,
  );
  if (!approval.isApproved) {
    reporter.ended(approval.reason);
    approval.settle?.();
    call.signal.throwIfAborted();
    return answer(settings, call, approval.reason, wallTimeMs());
  }
  let result: CallToolResult | string;
  try {
    result = await requestCall(settings, tool, { call, args });
  } catch (error) {
    if (call.signal.aborted) {
      reporter.ended(abortedText(wallTimeMs()));
      throw error;
    }
    result = `tool call error: tool call failed for \`${server.name}/${listed.name}\`\n\nCaused by:\n    ${messageOf(error)}`;
  }
  const shown =
    typeof result === "string" ? result : withoutUnreadable(result, readerOf(settings, call));
  reporter.ended(shown);
  return answer(settings, call, shown, wallTimeMs());
}

/** `undefined` where the model gave none; a text says what is wrong with them. */
function readArguments(input: string): JsonObject | string {
  if (input.trim() === "") return {};
  try {
    return parseArguments(input);
  } catch (error) {
    if (!ToolError.is(error)) throw error;
    return error.message.replace(/^failed to parse function arguments: /, "");
  }
}

async function requestCall(
  { trace, clientVersion }: McpToolSettings,
  { server, listed }: OfferedTool,
  { call, args }: { readonly call: ToolCall; readonly args: JsonObject },
): Promise<CallToolResult> {
  const metadata = call.metadata?.();
  const facts = { callId: call.callId, itemId: call.itemId, clientVersion };
  const meta = metadata === undefined ? {} : mcpRequestMeta(metadata, facts);
  const result = await server.connection.request(
    "tools/call",
    {
      _meta: trace.startMcpCall(call.callId).addRequestMeta(meta),
      name: listed.name,
      arguments: args,
    },
    { timeoutMs: toolTimeoutMs(server.options), signal: call.signal },
  );
  const read = readCallToolResult(result);
  if (read === undefined) throw new Error("the server's result has no content");
  return read;
}

function answer(
  settings: McpToolSettings,
  call: ToolCall,
  result: CallToolResult | string,
  wallTimeMs: number,
): ToolOutput {
  const read: CallToolResult =
    typeof result === "string"
      ? { content: [{ type: "text", text: result }], isError: true }
      : result;
  const output = toCallOutput(read, { wallTimeMs, reader: readerOf(settings, call) });
  const { _meta: meta, ...shown } = read;
  // A script gets the result as the server made it.
  const hasMeta = settings.form.scriptsReadMeta && meta !== undefined;
  const value = hasMeta ? { ...shown, _meta: meta } : shown;
  return { output, failed: read.isError === true, value };
}

function readerOf({ form, model }: McpToolSettings, { outputBudget }: ToolCall): ResultReader {
  const isOriginal = form.results === "parts" && model.supports_image_detail_original;
  return {
    form: form.results,
    takesImages: model.input_modalities.includes("image"),
    imageDetail: isOriginal ? "original" : "high",
    budget: outputBudget,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
