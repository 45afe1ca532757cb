import type {
  ApprovalDecision,
  ApprovalRequest,
  CommandApprovalRequest,
  OnApproval,
  PatchApprovalRequest,
} from "@codex-ts/core";
import { shellJoin } from "@codex-ts/core";
import { z } from "zod";
import { newer } from "../wire/generation.ts";
import { toCommandActions } from "../wire/work-item.ts";
import type { ClientRequests } from "./client-requests.ts";
import { mcpApprovalParams, readMcpApproval } from "./mcp-approval.ts";
import type { ClientSession } from "./session.ts";

const words = z.enum(["accept", "acceptForSession", "decline", "cancel"]);

const fileChangeAnswer = z.object({ decision: words });

const commandAnswer = z.object({
  decision: z.union([
    words,
    z.object({
      acceptWithExecpolicyAmendment: z.object({
        execpolicy_amendment: z.array(z.string()).min(1),
      }),
    }),
  ]),
});

const DECISIONS = {
  accept: "approved",
  acceptForSession: "approved_for_session",
  decline: "denied",
  cancel: "abort",
} as const satisfies Record<z.output<typeof words>, ApprovalDecision>;

/** A question as its client reads it. */
interface WantedRequest {
  readonly method: string;
  readonly params: object;
  /** Throws where the result is no decision. */
  readonly read: (result: unknown) => ApprovalDecision | Promise<ApprovalDecision>;
  /** The decision where there is none; `undefined`: the model reads that the question has failed. */
  readonly failed: ApprovalDecision | undefined;
}

/** Asks a client about the commands, patches and MCP tools of a thread and of its agents. */
export function askForApproval(session: ClientSession, requests: ClientRequests): OnApproval {
  return async (request, { signal }) => {
    const { threadId, turnId } = request;
    const { failed, ...wanted } = toRequest(session, request);
    try {
      return await requests.ask({ ...wanted, threadId, turnId, signal });
    } catch {
      if (signal.aborted) return "abort";
      if (failed !== undefined) return failed;
      throw new Error("the client responded with an error, or with no decision");
    }
  };
}

function toRequest(session: ClientSession, request: ApprovalRequest): WantedRequest {
  const failed = session.generation === "0.140" ? "denied" : undefined;
  switch (request.type) {
    case "command":
      return {
        method: "item/commandExecution/requestApproval",
        params: commandParams(session, request),
        read: readCommandAnswer,
        failed,
      };
    case "patch":
      return {
        method: "item/fileChange/requestApproval",
        params: fileChangeParams(request),
        read: (result) => DECISIONS[fileChangeAnswer.parse(result).decision],
        failed,
      };
    case "mcp_tool":
      return {
        method: "mcpServer/elicitation/request",
        params: mcpApprovalParams(session, request),
        read: (result) => readMcpApproval(session, request, result),
        failed: "denied",
      };
    default:
      return request satisfies never;
  }
}

function commandParams({ generation }: ClientSession, request: CommandApprovalRequest): object {
  const { threadId, turnId, callId: itemId, startedAtMs, reason, cwd, proposedPrefix } = request;
  const amendment = proposedPrefix && {
    acceptWithExecpolicyAmendment: { execpolicy_amendment: proposedPrefix },
  };
  return {
    ...newer(generation, { kind: "command" }),
    threadId,
    turnId,
    itemId,
    startedAtMs,
    ...newer(generation, { environmentId: "local" }),
    ...(reason !== undefined && { reason }),
    command: shellJoin(request.command),
    cwd,
    commandActions: toCommandActions(request.actions, cwd),
    ...(proposedPrefix !== undefined && { proposedExecpolicyAmendment: proposedPrefix }),
    availableDecisions: ["accept", ...(amendment === undefined ? [] : [amendment]), "cancel"],
  };
}

function fileChangeParams(request: PatchApprovalRequest): object {
  const { threadId, turnId, callId: itemId, startedAtMs, reason = null } = request;
  return { threadId, turnId, itemId, startedAtMs, reason, grantRoot: null };
}

function readCommandAnswer(result: unknown): ApprovalDecision {
  const { decision } = commandAnswer.parse(result);
  if (typeof decision === "string") return DECISIONS[decision];
  return { approvedPrefix: decision.acceptWithExecpolicyAmendment.execpolicy_amendment };
}
