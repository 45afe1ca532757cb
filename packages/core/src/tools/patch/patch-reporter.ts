import { type FileChange as VerifiedChange, unifiedDiff } from "@codex-ts/apply-patch";
import type { FileChange, FileChanges } from "@codex-ts/protocol";
import type { ToolCall } from "../tool.ts";

/** Unchanged lines clients see around a change. */
const CONTEXT_LINES = 1;

/** Emits the moments of one patch: its start and its end. */
export class PatchReporter {
  readonly #call: ToolCall;
  readonly changes: FileChanges;
  #itemId = "";

  constructor(call: ToolCall, changes: readonly VerifiedChange[]) {
    this.#call = call;
    this.changes = shownChanges(changes);
  }

  began(): void {
    this.#itemId = this.#call.report.nextItemId();
    this.#call.report.emit(
      {
        type: "patch_apply_begin",
        call_id: this.#call.callId,
        turn_id: this.#call.turnId,
        auto_approved: true,
        changes: this.changes,
      },
      { itemId: this.#itemId },
    );
  }

  applied(summary: string): void {
    this.#end({ stdout: summary, stderr: "", success: true, status: "completed" });
  }

  failed(reason: string): void {
    this.#end({ stdout: "", stderr: reason, success: false, status: "failed" });
  }

  /** The patch was not allowed to be applied. */
  declined(reason: string): void {
    this.#itemId = this.#call.report.nextItemId();
    this.#end({ stdout: "", stderr: reason, success: false, status: "declined" });
  }

  #end(end: {
    readonly stdout: string;
    readonly stderr: string;
    readonly success: boolean;
    readonly status: "completed" | "failed" | "declined";
  }): void {
    const { stdout, stderr, success, status } = end;
    this.#call.report.emit(
      {
        type: "patch_apply_end",
        call_id: this.#call.callId,
        turn_id: this.#call.turnId,
        stdout,
        stderr,
        success,
        changes: this.changes,
        status,
      },
      { itemId: this.#itemId },
    );
  }
}

/** By path, in its order; of several changes of one file the last one. */
function shownChanges(changes: readonly VerifiedChange[]): FileChanges {
  const sorted = changes.toSorted((one, other) =>
    one.path === other.path ? 0 : one.path < other.path ? -1 : 1,
  );
  return Object.fromEntries(sorted.map((change) => [change.path, shownChange(change)]));
}

function shownChange(change: VerifiedChange): FileChange {
  switch (change.type) {
    case "add":
      return { type: "add", content: change.content };
    case "delete":
      return { type: "delete", content: change.content };
    case "update": {
      const { oldContent, newContent, movePath } = change;
      return {
        type: "update",
        unified_diff: unifiedDiff(oldContent, newContent, { contextLines: CONTEXT_LINES }),
        move_path: movePath ?? null,
      };
    }
    default:
      return change satisfies never;
  }
}
