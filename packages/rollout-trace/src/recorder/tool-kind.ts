import type { ToolCallKind, ToolCallSummary } from "../format/raw-event.ts";
import type { ToolInvocationPayload } from "./tool-invocation.ts";

type NamedKind = Exclude<ToolCallKind["type"], "mcp" | "other">;

/** Kinds by tool name; the namespace plays no part. Source: docs/behavior/rollout-trace.md 5.2. */
const KINDS: ReadonlyMap<string, NamedKind> = new Map([
  ["exec_command", "exec_command"],
  ["local_shell", "exec_command"],
  ["shell", "exec_command"],
  ["shell_command", "exec_command"],
  ["write_stdin", "write_stdin"],
  ["apply_patch", "apply_patch"],
  ["web_search", "web"],
  ["web_search_preview", "web"],
  ["image_generation", "image_generation"],
  ["image_query", "image_generation"],
  ["spawn_agent", "spawn_agent"],
  ["send_message", "send_message"],
  ["followup_task", "assign_agent_task"],
  ["assign_task", "assign_agent_task"],
  ["wait_agent", "wait_agent"],
  ["close_agent", "close_agent"],
  ["interrupt_agent", "close_agent"],
]);

/** Unicode scalar values of the input shown in a summary. */
const PREVIEW_CHARACTERS = 160;

export function toolKindOf(toolName: string): ToolCallKind {
  const kind = KINDS.get(toolName);
  return kind === undefined ? { type: "other", name: toolName } : { type: kind };
}

/** Label and start of the input, for a reader who does not open payload files. */
export function summarizeInvocation(invocation: {
  readonly toolName: string;
  readonly toolNamespace: string | null;
  readonly payload: ToolInvocationPayload;
}): ToolCallSummary {
  const { toolName, toolNamespace } = invocation;
  return {
    type: "generic",
    label: toolNamespace === null ? toolName : `${toolNamespace}.${toolName}`,
    input_preview: preview(inputText(invocation.payload)),
    output_preview: null,
  };
}

function inputText(payload: ToolInvocationPayload): string {
  switch (payload.type) {
    case "function":
      return payload.arguments;
    case "custom":
      return payload.input;
    case "local_shell":
      return payload.command.join(" ");
    case "tool_search": {
      const { query } = payload.arguments;
      return typeof query === "string" ? query : JSON.stringify(payload.arguments);
    }
  }
  return payload satisfies never;
}

function preview(text: string): string {
  // Enough code units for the wanted characters whatever they are; a patch can be megabytes long.
  const characters = Array.from(text.slice(0, (PREVIEW_CHARACTERS + 1) * 2));
  if (characters.length <= PREVIEW_CHARACTERS) return text;
  return `${characters.slice(0, PREVIEW_CHARACTERS).join("")}...`;
}
