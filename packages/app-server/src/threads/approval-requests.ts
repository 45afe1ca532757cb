import type {
  ApprovalDecision,
  ApprovalRequest,
  CommandApprovalRequest,
  OnApproval,
  PatchApprovalRequest,
} from "@codex-ts/core";
import { shellJoin } from "@codex-ts/core";
import { z } from "zod";
import type { RequestId } from "../connection/message.ts";
import { newer } from "../wire/generation.ts";
import { toCommandActions } from "../wire/work-item.ts";
import { mcpApprovalParams, readMcpApproval } from "./mcp-approval.ts";
import type { ClientSession } from "./session.ts";
import type { Notification } from "./turn-notifications.ts";

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
export class ApprovalRequests {
  readonly #session: ClientSession;
  /** Requests whose turn was left, by thread: the client reads that they are over when it has read that of the turn. */
  readonly #left = new Map<string, RequestId[]>();

  constructor(session: ClientSession) {
    this.#session = session;
  }

  readonly ask: OnApproval = async (request, { signal }) => {
    const { connection } = this.#session;
    const { threadId } = request;
    const wanted = this.#toRequest(request);
    const { id, answer } = connection.ask(wanted.method, wanted.params);
    const leaving = Promise.withResolvers<"left">();
    const leave = (): void => leaving.resolve("left");
    signal.addEventListener("abort", leave, { once: true });
    try {
      const outcome = await Promise.race([toDecision(answer, wanted), leaving.promise]);
      // The threads of a client that is gone are being closed.
      if (outcome === "left" || connection.closed.aborted) {
        connection.forget(id);
        this.#left.set(threadId, [...(this.#left.get(threadId) ?? []), id]);
        await leaving.promise;
        return "abort";
      }
      this.#notifyResolved(threadId, id);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  };

  /** To be called with every notification that was sent. */
  note({ method, params }: Notification): void {
    if (method !== "turn/completed" || !("threadId" in params)) return;
    const threadId = String(params.threadId);
    for (const id of this.#left.get(threadId) ?? []) this.#notifyResolved(threadId, id);
    this.#left.delete(threadId);
  }

  #notifyResolved(threadId: string, requestId: RequestId): void {
    this.#session.notify({ method: "serverRequest/resolved", params: { threadId, requestId } });
  }

  #toRequest(request: ApprovalRequest): WantedRequest {
    const failed = this.#session.generation === "0.140" ? "denied" : undefined;
    switch (request.type) {
      case "command":
        return {
          method: "item/commandExecution/requestApproval",
          params: this.#commandParams(request),
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
          params: mcpApprovalParams(this.#session, request),
          read: (result) => readMcpApproval(this.#session, request, result),
          failed: "denied",
        };
      default:
        return request satisfies never;
    }
  }

  #commandParams(request: CommandApprovalRequest): object {
    const { threadId, turnId, callId: itemId, startedAtMs, reason, cwd, proposedPrefix } = request;
    const { generation } = this.#session;
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
}

function fileChangeParams(request: PatchApprovalRequest): object {
  const { threadId, turnId, callId: itemId, startedAtMs, reason = null } = request;
  return { threadId, turnId, itemId, startedAtMs, reason, grantRoot: null };
}

/** An error where there is no decision. */
async function toDecision(
  answer: Promise<unknown>,
  { read, failed }: WantedRequest,
): Promise<ApprovalDecision | Error> {
  try {
    return await read(await answer);
  } catch {
    return failed ?? new Error("the client responded with an error, or with no decision");
  }
}

function readCommandAnswer(result: unknown): ApprovalDecision {
  const { decision } = commandAnswer.parse(result);
  if (typeof decision === "string") return DECISIONS[decision];
  return { approvedPrefix: decision.acceptWithExecpolicyAmendment.execpolicy_amendment };
}
