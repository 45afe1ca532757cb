/**
 * Event types a client of the Responses API knows and has no use for: their content arrives again in the finished item.
 * Source: docs/behavior/api.md 7.1.
 */
const IGNORED_TYPES: ReadonlySet<string> = new Set([
  "response.in_progress",
  "response.queued",
  "response.output_text.done",
  "response.output_text.annotation.added",
  "response.content_part.added",
  "response.content_part.done",
  "response.function_call_arguments.delta",
  "response.function_call_arguments.done",
  "response.custom_tool_call_input.done",
  "response.reasoning_text.done",
  "response.reasoning_summary_text.done",
  "response.reasoning_summary_part.done",
  "codex.rate_limits",
  "responsesapi.websocket_timing",
]);

export function isIgnoredEventType(type: string): boolean {
  return IGNORED_TYPES.has(type);
}
