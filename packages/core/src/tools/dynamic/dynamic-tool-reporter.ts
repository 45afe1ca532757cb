import type {
  DynamicToolCallItem,
  DynamicToolContent,
  FunctionCallOutput,
  JsonObject,
} from "@codex-ts/protocol";
import type { ToolCall, ToolOutput } from "../tool.ts";
import { wireDuration } from "../wire-duration.ts";

/** Emits the two moments of one call of a tool of the builder's: its start and its end. */
export class DynamicToolReporter {
  readonly #call: ToolCall;
  readonly #facts: Pick<DynamicToolCallItem, "type" | "id" | "namespace" | "tool" | "arguments">;
  readonly #itemId: string;
  #startedMs = 0;

  constructor(
    call: ToolCall,
    { name: tool, namespace }: { readonly name: string; readonly namespace?: string | undefined },
    args: JsonObject,
  ) {
    this.#call = call;
    this.#facts = {
      type: "DynamicToolCall",
      id: call.callId,
      ...(namespace !== undefined && { namespace }),
      tool,
      arguments: args,
    };
    this.#itemId = call.report.nextItemId();
  }

  began(): void {
    const { threadId, turnId, report, now } = this.#call;
    this.#startedMs = now();
    report.emit(
      {
        type: "item_started",
        thread_id: threadId,
        turn_id: turnId,
        item: { ...this.#facts, status: "in_progress" },
        started_at_ms: this.#startedMs,
      },
      { itemId: this.#itemId },
    );
  }

  ended({ output, failed = false }: ToolOutput): void {
    const { threadId, turnId, report, now } = this.#call;
    const endedMs = now();
    report.emit(
      {
        type: "item_completed",
        thread_id: threadId,
        turn_id: turnId,
        item: {
          ...this.#facts,
          status: failed ? "failed" : "completed",
          content_items: contentOf(output),
          success: !failed,
          duration: wireDuration(endedMs - this.#startedMs),
        },
        completed_at_ms: endedMs,
      },
      { itemId: this.#itemId },
    );
  }
}

function contentOf(output: FunctionCallOutput): readonly DynamicToolContent[] {
  if (typeof output === "string") return [{ type: "inputText", text: output }];
  return output.flatMap((part): DynamicToolContent[] => {
    if (part.type === "input_text") return [{ type: "inputText", text: part.text }];
    // Encrypted parts come from servers, never from a tool of one's own.
    return part.type === "input_image" ? [{ type: "inputImage", imageUrl: part.image_url }] : [];
  });
}
