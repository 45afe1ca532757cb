import type { FunctionCallOutput, JsonObject, JsonValue } from "@codex-ts/protocol";
import { CoreError } from "../errors.ts";
import type { ThreadApprovals } from "../approvals/thread-approvals.ts";
import type { Emit } from "../events/thread-event.ts";
import type { CodexResponsesMetadata } from "../metadata/metadata-snapshot.ts";
import type { ApprovalPolicy, SandboxMode } from "../policies.ts";
import type { CollaborationMode } from "../turn/collaboration-mode.ts";
import type { AppliedChange } from "../turn/turn-diff.ts";
import type { OutputBudget } from "../history/truncate.ts";

/** How a tool reports what it does while it runs. */
export interface ToolReporter {
  /** An id for something the turn shows. */
  nextItemId(): string;
  /** Adds a patch that was applied to the diff of the turn. Default: nobody keeps one. */
  filesChanged?(changes: readonly AppliedChange[]): Promise<void>;
  /** Emits a moment of the turn the call belongs to. */
  readonly emit: Emit;
}

/** One call as it reaches its tool. */
export interface ToolCall {
  /** The call id by which the trace knows the call: the model's, unless the model has given it twice. */
  readonly callId: string;
  /** The model's own id of the call; absent for calls of scripts. */
  readonly modelCallId?: string;
  readonly turnId: string;
  readonly threadId: string;
  /** Working directory of the turn, absolute. */
  readonly cwd: string;
  /** Id of the item the call came as; absent for calls of scripts, and where the response gave none. */
  readonly itemId?: string;
  /** The turn as the metadata of requests says it, at the moment; absent for calls outside of a turn. */
  readonly metadata?: () => CodexResponsesMetadata;
  /** Rights of the turn. */
  readonly sandboxMode: SandboxMode;
  readonly approvalPolicy: ApprovalPolicy;
  /** How the turn works with its user. Default `default`. */
  readonly mode?: CollaborationMode["kind"];
  /** Asks the user; absent when nobody can be asked. */
  readonly approvals?: ThreadApprovals;
  /** JSON text of a function call, free text of a custom call. */
  readonly input: string;
  /** Most output the model accepts. */
  readonly outputBudget: OutputBudget;
  /** Aborted when the turn is; the tool then ends soon and its result is replaced. */
  readonly signal: AbortSignal;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly report: ToolReporter;
}

/** Result of a call. */
export interface ToolOutput {
  /** The output the model reads. */
  readonly output: FunctionCallOutput;
  /** The tool ran and reports a failure. */
  readonly failed?: boolean;
  /** The value a script of code mode gets in place of the output. Default: the output. */
  readonly value?: JsonValue;
}

/** A group of tools. */
export interface ToolNamespace {
  readonly name: string;
  /** Default: a sentence that says no more than its name. */
  readonly description?: string;
}

/** A tool the model can call: a built-in one, or one made by `defineTool`. */
export interface Tool {
  /** The name the model calls it by. */
  readonly name: string;
  /** The group it is offered in, and called by. Default: none. */
  readonly namespace?: ToolNamespace;
  /** `function` tools take JSON arguments, `custom` tools free text. */
  readonly kind: "function" | "custom";
  /** The definition of the tool, as requests send it. */
  readonly spec: JsonObject;
  /** Whether scripts of code mode cannot call it, so that the model always can. Default false. */
  readonly isForModelOnly?: boolean;
  /** JSON schema of the value scripts of code mode get. Default: it is not described. */
  readonly scriptResult?: JsonObject;
  /** Whether scripts get a result of MCP, whose structured content is what `scriptResult` describes. Default false. */
  readonly givesMcpResult?: boolean;
  /**
   * Whether requests list it. `deferred` tools are found by `tool_search`, or called by who knows their names; `hidden`
   * ones only by who knows them. Default `listed`.
   */
  readonly exposure?: "listed" | "deferred" | "hidden";
  /** True when calls may run beside each other; others run alone. */
  readonly parallel: boolean;
  /** Rejects with `ToolError` for a call that cannot be run, e.g. with unusable arguments. */
  run(call: ToolCall): Promise<ToolOutput>;
}

/** A failed call: the message is the output the model reads, and the turn goes on. */
export class ToolError extends CoreError {
  override readonly name: string = "ToolError";
  readonly code = "tool_failed";

  /** True for the `ToolError` of any installed copy of this package. */
  static override is(error: unknown): error is ToolError {
    return CoreError.is(error) && error.code === "tool_failed";
  }
}
