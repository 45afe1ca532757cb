import type { CallToolResult, JsonValue } from "@codex-ts/protocol";
import type { ToolCall } from "../tool.ts";
import { wireDuration } from "../wire-duration.ts";

/** A call, by the server's own names. */
export interface McpCallFacts {
  readonly server: string;
  readonly tool: string;
  readonly arguments: JsonValue;
  /** As the tool says of itself; `undefined` where it does not. */
  readonly readOnlyHint?: boolean | undefined;
}

/** Emits the two moments of one call: its start and its end. */
export class McpCallReporter {
  readonly #call: ToolCall;
  readonly #invocation: {
    readonly server: string;
    readonly tool: string;
    readonly arguments: JsonValue;
  };
  readonly #facts: { readonly itemId: string; readonly readOnlyHint: boolean | undefined };
  #startedMs = 0;

  constructor(call: ToolCall, { readOnlyHint, ...invocation }: McpCallFacts) {
    this.#call = call;
    this.#invocation = invocation;
    this.#facts = { itemId: call.report.nextItemId(), readOnlyHint };
  }

  began(): void {
    const { callId, report, now } = this.#call;
    this.#startedMs = now();
    report.emit(
      { type: "mcp_tool_call_begin", call_id: callId, invocation: this.#invocation },
      { ...this.#facts, startedMs: this.#startedMs },
    );
  }

  /** A failure is a text: the call got no result. */
  ended(result: CallToolResult | string): void {
    const { callId, report, now } = this.#call;
    const endedMs = now();
    report.emit(
      {
        type: "mcp_tool_call_end",
        call_id: callId,
        invocation: this.#invocation,
        duration: wireDuration(endedMs - this.#startedMs),
        result: typeof result === "string" ? { Err: result } : { Ok: result },
      },
      { ...this.#facts, startedMs: this.#startedMs, endedMs },
    );
  }
}
