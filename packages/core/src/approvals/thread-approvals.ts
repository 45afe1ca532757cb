import type { ToolCall } from "../tools/tool.ts";
import type { ApprovalDecision, ApprovalRequest, OnApproval } from "./approval-request.ts";

/** A question, without what the call says anyway. */
export type ApprovalQuestion = ApprovalRequest extends infer Request
  ? Request extends ApprovalRequest
    ? Omit<Request, "threadId" | "turnId" | "callId" | "startedAtMs">
    : never
  : never;

/** The call a question is about. */
type AskingCall = Pick<ToolCall, "threadId" | "turnId" | "callId" | "signal" | "now" | "report">;

const WORDS: ReadonlySet<unknown> = new Set<ApprovalDecision>([
  "approved",
  "approved_for_session",
  "denied",
  "dismissed",
  "abort",
]);

/** How a call is not let through. `failed`: nobody could be asked, or what came back is no decision. */
export type Refusal = "denied" | "dismissed" | "failed" | "abort";

/** Whether a call may go on. */
export type ApprovalOutcome = Exclude<ApprovalDecision, Refusal> | Refusal;

/** For a model whose question came to nothing; machine-read, the same in Codex. */
export const APPROVAL_FAILED = "approval request failed";

const REFUSALS: ReadonlySet<unknown> = new Set<Refusal>(["denied", "dismissed", "failed", "abort"]);

export function isRefusal(outcome: ApprovalOutcome): outcome is Refusal {
  return REFUSALS.has(outcome);
}

/** Asks the user of a thread, and keeps what was approved for the whole session. */
export class ThreadApprovals {
  readonly #onApproval: OnApproval;
  readonly #interrupt: () => void;
  readonly #approved = new Set<string>();

  /** `interrupt` aborts the running turn. */
  constructor(onApproval: OnApproval, interrupt: () => void) {
    this.#onApproval = onApproval;
    this.#interrupt = interrupt;
  }

  /**
   * Asks, unless every one of the keys was approved for the session before. A refusal is `resolved` by the caller, before or after it
   * shows the end of the call. Rejects with the signal's reason when the turn is left.
   */
  async ask(
    call: AskingCall,
    question: ApprovalQuestion,
    keys: readonly string[],
  ): Promise<ApprovalOutcome> {
    if (keys.length > 0 && keys.every((key) => this.#approved.has(key))) return "approved";
    call.signal.throwIfAborted();
    const { threadId, turnId, callId } = call;
    const startedAtMs = call.now();
    const request = { ...question, threadId, turnId, callId, startedAtMs } as ApprovalRequest;
    emitRequest(call, request);
    const outcome = await this.#answer(call, request);
    if (outcome === "left") {
      emitResolved(call, "left");
      call.signal.throwIfAborted();
      return "denied";
    }
    if (outcome === "approved_for_session") for (const key of keys) this.#approved.add(key);
    if (!isRefusal(outcome)) emitResolved(call, outcome);
    return outcome;
  }

  /** Says that a call waits no longer, and ends the turn where the user wants it. */
  resolved(call: Pick<AskingCall, "callId" | "report">, refusal: Refusal): void {
    emitResolved(call, refusal === "failed" ? "denied" : refusal);
    if (refusal === "abort") this.#interrupt();
  }

  async #answer(call: AskingCall, request: ApprovalRequest): Promise<ApprovalOutcome | "left"> {
    const { signal } = call;
    const left = Promise.withResolvers<"left">();
    const leave = (): void => left.resolve("left");
    signal.addEventListener("abort", leave, { once: true });
    try {
      const asked = Promise.resolve(this.#onApproval(request, { signal }));
      const answer = await Promise.race([asked, left.promise]);
      if (answer === "left" || signal.aborted) return "left";
      if (isDecision(answer)) return answer;
      warn(call, "it was decided in no way there is");
    } catch (error) {
      if (signal.aborted) return "left";
      warn(call, error instanceof Error ? error.message : String(error));
    } finally {
      signal.removeEventListener("abort", leave);
    }
    return "failed";
  }
}

function emitResolved(
  { callId, report }: Pick<AskingCall, "callId" | "report">,
  decision: ApprovalDecision | "left",
): void {
  report.emit({ type: "approval_resolved", call_id: callId, decision });
}

function warn(call: AskingCall, reason: string): void {
  const message = `an approval could not be asked for, so the call is denied: ${reason}`;
  call.report.emit({ type: "warning", message });
}

function isDecision(answer: unknown): answer is ApprovalDecision {
  if (WORDS.has(answer)) return true;
  if (typeof answer !== "object" || answer === null || !("approvedPrefix" in answer)) return false;
  const { approvedPrefix: words } = answer;
  return (
    Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === "string")
  );
}

function emitRequest({ report }: AskingCall, request: ApprovalRequest): void {
  const { callId: call_id, turnId: turn_id, startedAtMs: started_at_ms, reason } = request;
  const common = {
    call_id,
    turn_id,
    started_at_ms,
    ...(reason !== undefined && { reason }),
  };
  switch (request.type) {
    case "command": {
      const { command, cwd, actions: parsed_cmd, proposedPrefix } = request;
      const amendment = proposedPrefix && { proposed_execpolicy_amendment: proposedPrefix };
      return report.emit(
        { type: "exec_approval_request", ...common, command, cwd, ...amendment, parsed_cmd },
        { request },
      );
    }
    case "patch":
      return report.emit(
        { type: "apply_patch_approval_request", ...common, changes: request.changes },
        { request },
      );
    case "mcp_tool": {
      const { server, tool, arguments: args } = request;
      return report.emit(
        { type: "mcp_tool_approval_request", call_id, server, tool, arguments: args },
        { request },
      );
    }
    default:
      return request satisfies never;
  }
}
