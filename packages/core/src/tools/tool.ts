import type { FunctionCallOutput, JsonObject } from "@codex-ts/protocol";
import { CoreError } from "../errors.ts";
import type { Emit } from "../events/thread-event.ts";
import type { OutputBudget } from "../history/truncate.ts";

/** How a tool reports what it does while it runs. */
export interface ToolReporter {
  /** An id for something the turn shows. */
  nextItemId(): string;
  /** Emits a moment of the turn the call belongs to. */
  readonly emit: Emit;
}

/** One call as it reaches its tool. */
export interface ToolCall {
  /** The call id by which the trace knows the call: the model's, unless the model has given it twice. */
  readonly callId: string;
  readonly turnId: string;
  /** JSON text of a function call, free text of a custom call. */
  readonly input: string;
  /** Most output the model accepts. */
  readonly outputBudget: OutputBudget;
  /** Aborted when the turn is; the tool then ends soon and its result is replaced. */
  readonly signal: AbortSignal;
  readonly report: ToolReporter;
}

/** A tool the model can call. */
export interface Tool {
  readonly name: string;
  readonly kind: "function" | "custom";
  /** Its definition in requests. */
  readonly spec: JsonObject;
  /** True when calls may run beside each other; others run alone. */
  readonly parallel: boolean;
  /** Rejects with `ToolError` for a failure the model should read. */
  run(call: ToolCall): Promise<FunctionCallOutput>;
}

/** A failed call: the message is the output the model reads, and the turn goes on. */
export class ToolError extends CoreError {
  override readonly name: string = "ToolError";
  readonly code = "tool_failed";
}
