import type { ThreadEvent } from "@codex-ts/core";
import { newUuidV4 } from "@codex-ts/protocol";
import { newer } from "../wire/generation.ts";
import type { Generation } from "../wire/generation.ts";
import { inGeneration, toThreadItem } from "../wire/item.ts";
import type { ThreadItem } from "../wire/item.ts";
import { toActivity, toAgentEnd, toCollabCall } from "../wire/agent-item.ts";
import { toMcpCall } from "../wire/mcp-item.ts";
import { camel, toRateLimits, toTokenUsage, toTurnError } from "../wire/status.ts";
import type { TurnError } from "../wire/status.ts";
import { toTurn } from "../wire/turn.ts";
import { toReviewItem } from "../wire/review-item.ts";
import {
  toAskedCommand,
  toEndedCommand,
  toFileChange,
  toRunningCommand,
} from "../wire/work-item.ts";

type EventOf<Type extends ThreadEvent["type"]> = Extract<ThreadEvent, { readonly type: Type }>;

/** A notification for the client. */
export interface Notification {
  readonly method: string;
  readonly params: object;
}

/** Flags of turns that wait, in the order in which clients read it. */
const ACTIVE_FLAGS = ["waitingOnApproval", "waitingOnUserInput"] as const;
export type ActiveFlag = (typeof ACTIVE_FLAGS)[number];

/** The turn that runs, as far as later notifications repeat it. */
interface RunningTurn {
  readonly turnId: string;
  readonly rootTurnId: string;
  readonly startedAt: number | null;
  /** Its last message of the model, complete. */
  lastMessage: { readonly item: object; readonly hasText: boolean } | undefined;
}

/** The notifications that show the events of one thread to a client. */
export class TurnNotifications {
  readonly #threadId: string;
  readonly #generation: Generation;
  readonly #now: () => number;
  readonly #isAgent: boolean;
  /** When items began that have not ended, by id. */
  readonly #begunMs = new Map<string, number>();
  /** Ids of the calls, and the questions, that wait for the user. */
  readonly #waiting = new Map<string | object, ActiveFlag>();
  #turn: RunningTurn | undefined;
  #lastTurnId = "";
  /** The first turn with a message that nobody has said to have read. */
  #firstUnread: string | undefined;
  /** The last notification about it. */
  #readState: object | undefined;

  constructor(facts: {
    readonly threadId: string;
    readonly generation: Generation;
    readonly now: () => number;
    /** Whether another thread has started it. Default false. */
    readonly isAgent?: boolean;
  }) {
    this.#threadId = facts.threadId;
    this.#generation = facts.generation;
    this.#now = facts.now;
    this.#isAgent = facts.isAgent === true;
  }

  get readState(): object | undefined {
    return this.#readState;
  }

  /** Flags of what the turn waits for. */
  get activeFlags(): readonly ActiveFlag[] {
    const waiting = new Set(this.#waiting.values());
    return ACTIVE_FLAGS.filter((flag) => waiting.has(flag));
  }

  /** A call or question waits for the user: the status changes with the first. */
  waits(what: string | object, flag: ActiveFlag): readonly Notification[] {
    return this.#changeFlags(() => this.#waiting.set(what, flag));
  }

  /** It waits no more: the status changes with the last. */
  waitsNoMore(what: string | object): readonly Notification[] {
    return this.#changeFlags(() => this.#waiting.delete(what));
  }

  /** The notifications of an event, in order; often one. */
  of(event: ThreadEvent): readonly Notification[] {
    switch (event.type) {
      // The most frequent first.
      case "agent_message_content_delta":
        return this.#delta("item/agentMessage/delta", event.turnId, event.msg.item_id, {
          delta: event.msg.delta,
        });
      case "reasoning_content_delta":
        return this.#delta("item/reasoning/summaryTextDelta", event.turnId, event.msg.item_id, {
          delta: event.msg.delta,
          summaryIndex: event.msg.summary_index,
        });
      case "reasoning_raw_content_delta":
        return this.#delta("item/reasoning/textDelta", event.turnId, event.msg.item_id, {
          delta: event.msg.delta,
          contentIndex: event.msg.content_index,
        });
      case "agent_reasoning_section_break":
        return this.#delta("item/reasoning/summaryPartAdded", event.turnId, event.msg.item_id, {
          summaryIndex: event.msg.summary_index,
        });
      case "exec_command_output_delta":
        return this.#delta("item/commandExecution/outputDelta", event.turnId, event.msg.call_id, {
          delta: Buffer.from(event.msg.chunk, "base64").toString("utf8"),
        });
      case "terminal_interaction":
        return this.#delta(
          "item/commandExecution/terminalInteraction",
          event.turnId,
          event.msg.call_id,
          { processId: event.msg.process_id, stdin: event.msg.stdin },
        );
      case "item_started": {
        const { item, started_at_ms: startedMs } = event.msg;
        return this.#started(event.turnId, toThreadItem(item), startedMs);
      }
      case "item_completed": {
        const { item, completed_at_ms: completedMs } = event.msg;
        return this.#completed(event.turnId, toThreadItem(item), completedMs);
      }
      case "exec_command_begin":
        // A command that was asked about has begun for the client already.
        if (this.#begunMs.has(event.msg.call_id)) return [];
        return this.#started(event.turnId, toRunningCommand(event.msg), event.msg.started_at_ms);
      case "exec_command_end":
        return this.#commandEnded(event);
      case "patch_apply_begin":
        if (this.#begunMs.has(event.msg.call_id)) return [];
        return this.#started(event.turnId, toFileChange(event.msg), this.#now());
      case "patch_apply_end":
        return this.#completed(event.turnId, toFileChange(event.msg), this.#now());
      case "mcp_tool_call_begin":
        return this.#started(event.turnId, toMcpCall(event), event.facts.startedMs);
      case "mcp_tool_call_end":
        return this.#completed(event.turnId, toMcpCall(event), event.facts.endedMs);
      case "mcp_startup_update": {
        const { server: name, status } = event.msg;
        const params = {
          name,
          ...newer(this.#generation, { environmentId: null }),
          status: status.state,
          error: status.state === "failed" ? status.error : null,
          ...newer(this.#generation, { failureReason: null }),
        };
        return [this.#ofThread("mcpServer/startupStatus/updated", params)];
      }
      case "compaction_started": {
        const item = { type: "contextCompaction", id: event.msg.compactionId } as const;
        return this.#started(event.turnId, item, this.#now());
      }
      case "task_started":
        return this.#turnStarted(event);
      case "task_complete":
        return this.#turnEnded(
          event.msg,
          event.facts.failure === undefined ? "completed" : "failed",
        );
      case "turn_aborted":
        return this.#turnEnded({ ...event.msg, turn_id: event.turnId ?? "" }, "interrupted");
      case "turn_diff":
        return [this.#ofTurn("turn/diff/updated", event.turnId, { diff: event.msg.unified_diff })];
      case "review_entered":
        return this.#reviewEntered(event);
      case "reviewer_event":
        return this.#ofReviewer(event);
      case "review_exited":
        return this.#review(event.turnId, event.msg);
      case "token_count":
        return this.#tokenCount(event);
      case "model_reroute": {
        const { from_model: fromModel, to_model: toModel, reason } = event.msg;
        const params = { fromModel, toModel, reason: camel(reason) };
        return [this.#ofTurn("model/rerouted", event.turnId, params)];
      }
      case "stream_error": {
        const { message, codex_error_info: info, additional_details: details } = event.msg;
        return this.#error(event.turnId, { message, info, details }, true);
      }
      case "error": {
        const { message, codex_error_info: info } = event.msg;
        return [
          this.#ofThread("thread/status/changed", { status: { type: "systemError" } }),
          ...this.#error(event.turnId, { message, info }, false),
        ];
      }
      case "sub_agent_activity":
        return this.#activity(event.turnId, toActivity(event.msg), event.msg.occurred_at_ms);
      case "collab_agent_spawn_begin":
      case "collab_agent_interaction_begin":
      case "collab_waiting_begin":
      case "collab_close_begin":
        return this.#started(event.turnId, toCollabCall(event.msg), event.msg.started_at_ms);
      case "collab_agent_spawn_end":
      case "collab_agent_interaction_end":
      case "collab_waiting_end":
      case "collab_close_end":
        return this.#completed(event.turnId, toCollabCall(event.msg), event.msg.completed_at_ms);
      case "session_configured":
        return this.#agentStatus("idle");
      case "shutdown_complete":
        return this.#agentStatus("notLoaded");
      case "exec_approval_request":
        return [
          ...this.waits(event.msg.call_id, "waitingOnApproval"),
          ...this.#started(event.turnId, toAskedCommand(event.msg), event.msg.started_at_ms),
        ];
      case "apply_patch_approval_request":
        return [
          ...this.#started(event.turnId, toFileChange(event.msg), event.msg.started_at_ms),
          ...this.waits(event.msg.call_id, "waitingOnApproval"),
        ];
      case "mcp_tool_approval_request":
        return this.waits(event.msg.call_id, "waitingOnApproval");
      case "approval_resolved":
        return this.#resolved(event.msg);
      case "plan_update": {
        const { explanation, plan } = event.msg;
        const steps = plan.map(({ step, status }) => ({ step, status: camel(status) }));
        return [this.#ofTurn("turn/plan/updated", event.turnId, { explanation, plan: steps })];
      }
      case "warning":
        return [this.#ofThread("warning", { message: event.msg.message })];
      // Their items have said it, or a client has no use for them.
      case "raw_response_item":
      case "mcp_startup_complete":
      case "inference_started":
      case "inference_finished":
      case "code_cell_started":
      case "code_cell_responded":
      case "code_cell_waited":
      case "context_recorded":
      case "compaction_installed":
      case "thread_rolled_back":
      // Is shown in the thread of the parent.
      case "agent_result":
        return [];
      default:
        return event satisfies never;
    }
  }

  /** A turn of an agent has come to its end and its outcome is on its way to this thread. */
  agentEnded({ msg }: EventOf<"agent_result">, agentThreadId: string): readonly Notification[] {
    const isCompleted = typeof msg.status === "object" && "completed" in msg.status;
    if (this.#generation === "0.140" || !isCompleted) return [];
    return this.#activity(undefined, toAgentEnd(msg, agentThreadId), this.#now());
  }

  /** 0.140 shows the end of such items alone. */
  #activity(turnId: string | undefined, item: ThreadItem, atMs: number): Notification[] {
    const started = this.#generation === "0.140" ? [] : this.#started(turnId, item, atMs);
    return [...started, ...this.#completed(turnId, item, atMs)];
  }

  /** Threads of clients have their status announced by the requests that open and close them. */
  #agentStatus(type: "idle" | "notLoaded"): Notification[] {
    return this.#isAgent ? [this.#ofThread("thread/status/changed", { status: { type } })] : [];
  }

  #turnStarted({ msg, facts }: EventOf<"task_started">): Notification[] {
    const turn = {
      turnId: msg.turn_id,
      rootTurnId: facts.rootTurnId,
      startedAt: msg.started_at ?? null,
      lastMessage: undefined,
    };
    this.#turn = turn;
    this.#lastTurnId = turn.turnId;
    return this.#showStarted(turn);
  }

  /** A review is a turn whose beginning is an item: `turn/started` is that of its reviewer's turn. */
  #reviewEntered({ msg }: EventOf<"review_entered">): Notification[] {
    const { turn_id: turnId, started_at: startedAt } = msg;
    this.#turn = { turnId, rootTurnId: turnId, startedAt, lastMessage: undefined };
    this.#lastTurnId = turnId;
    return this.#review(turnId, msg);
  }

  #review(
    turnId: string | undefined,
    msg: EventOf<"review_entered" | "review_exited">["msg"],
  ): Notification[] {
    const id = this.#generation === "0.140" ? (turnId ?? msg.id) : msg.id;
    const item = toReviewItem(msg, id);
    const atMs = this.#now();
    return [...this.#started(turnId, item, atMs), ...this.#completed(turnId, item, atMs)];
  }

  /** The work of a reviewer is shown as that of the turn of the review. */
  #ofReviewer({ turnId, msg: { event } }: EventOf<"reviewer_event">): readonly Notification[] {
    if (event.type !== "task_started") return this.of({ ...event, turnId });
    return this.#showStarted({
      turnId: event.msg.turn_id,
      rootTurnId: event.facts.rootTurnId,
      startedAt: event.msg.started_at ?? null,
    });
  }

  #showStarted(turn: Omit<RunningTurn, "lastMessage">): Notification[] {
    const shown = toTurn(this.#generation, {
      id: turn.turnId,
      rootTurnId: turn.rootTurnId,
      status: "inProgress",
      startedAt: turn.startedAt,
    });
    return [
      this.#ofThread("thread/status/changed", { status: { type: "active", activeFlags: [] } }),
      this.#ofThread("turn/started", { turn: shown }),
    ];
  }

  #turnEnded(
    msg: {
      readonly turn_id: string;
      readonly error?: EventOf<"task_complete">["msg"]["error"];
      readonly completed_at?: number | null;
      readonly duration_ms?: number | null;
    },
    status: "completed" | "failed" | "interrupted",
  ): Notification[] {
    const turn = this.#turn?.turnId === msg.turn_id ? this.#turn : undefined;
    this.#turn = undefined;
    this.#begunMs.clear();
    const message = turn?.lastMessage;
    const hasSummary =
      this.#generation === "0.171" && status === "completed" && message !== undefined;
    const shown = toTurn(this.#generation, {
      id: msg.turn_id,
      rootTurnId: turn?.rootTurnId,
      status,
      error: msg.error ? this.#turnError(msg.error) : undefined,
      startedAt: turn?.startedAt,
      completedAt: msg.completed_at,
      durationMs: msg.duration_ms,
      ...(hasSummary && { items: [message.item], itemsView: "summary" }),
    });
    const hasFailed = status === "failed";
    return [
      ...this.#noteUnread(msg.turn_id, message?.hasText === true || hasFailed),
      // The status after a failure came with the error.
      ...(hasFailed ? [] : [this.#ofThread("thread/status/changed", { status: { type: "idle" } })]),
      this.#ofThread("turn/completed", { turn: shown }),
    ];
  }

  #turnError(error: NonNullable<EventOf<"task_complete">["msg"]["error"]>): TurnError {
    return toTurnError(this.#generation, {
      message: error.message,
      info: error.codex_error_info ?? null,
    });
  }

  /** Today's Codex says after each turn with a message, or a failure, which one nobody has read yet. */
  #noteUnread(turnId: string, hasNews: boolean): Notification[] {
    if (this.#generation !== "0.171" || !hasNews || this.#isAgent) return [];
    this.#firstUnread ??= turnId;
    const firstUnread = { type: "turn", turnId: this.#firstUnread };
    const readState = { firstUnread, revision: newUuidV4() };
    this.#readState = readState;
    return [this.#ofThread("thread/readState/changed", { readState })];
  }

  #commandEnded({ msg, turnId }: EventOf<"exec_command_end">): readonly Notification[] {
    const { status, completed_at_ms: endedMs } = msg;
    // A declined command never began.
    const isUnseen = status === "declined" && !this.#begunMs.has(msg.call_id);
    const started = isUnseen ? this.#started(turnId, toRunningCommand(msg), endedMs) : [];
    return [...started, ...this.#completed(turnId, toEndedCommand(msg), endedMs)];
  }

  #resolved({
    call_id: callId,
    decision,
  }: EventOf<"approval_resolved">["msg"]): readonly Notification[] {
    const changed = this.waitsNoMore(callId);
    // The end of a turn that was left has a status of its own.
    return decision === "left" ? [] : changed;
  }

  #changeFlags(change: () => void): readonly Notification[] {
    const before = this.activeFlags.length;
    change();
    const { activeFlags } = this;
    // No change adds one flag and takes away another.
    if (activeFlags.length === before) return [];
    return [this.#ofThread("thread/status/changed", { status: { type: "active", activeFlags } })];
  }

  #tokenCount({ msg, turnId }: EventOf<"token_count">): Notification[] {
    const { info, rate_limits: limits } = msg;
    const generation = this.#generation;
    const notifications: Notification[] = [];
    if (info !== null) {
      const tokenUsage = toTokenUsage(generation, info);
      notifications.push(this.#ofTurn("thread/tokenUsage/updated", turnId, { tokenUsage }));
    }
    if (limits !== null) {
      const rateLimits = toRateLimits(generation, limits);
      notifications.push({ method: "account/rateLimits/updated", params: { rateLimits } });
    }
    return notifications;
  }

  #error(
    turnId: string | undefined,
    error: Parameters<typeof toTurnError>[1],
    willRetry: boolean,
  ): Notification[] {
    const shown = toTurnError(this.#generation, error);
    return [{ method: "error", params: { error: shown, willRetry, ...this.#ids(turnId) } }];
  }

  #started(
    turnId: string | undefined,
    item: ThreadItem | undefined,
    startedAtMs: number,
  ): Notification[] {
    if (item === undefined) return [];
    this.#begunMs.set(item.id, startedAtMs);
    const shown = inGeneration(item, this.#generation, { startedAtMs, completedAtMs: null });
    const params = { item: shown, ...this.#ids(turnId), startedAtMs };
    return [{ method: "item/started", params }];
  }

  #completed(
    turnId: string | undefined,
    item: ThreadItem | undefined,
    completedAtMs: number,
  ): Notification[] {
    if (item === undefined) return [];
    const startedAtMs = this.#begunMs.get(item.id) ?? completedAtMs;
    this.#begunMs.delete(item.id);
    const shown = inGeneration(item, this.#generation, { startedAtMs, completedAtMs });
    if (item.type === "agentMessage" && this.#turn !== undefined) {
      this.#turn.lastMessage = { item: shown, hasText: item.text !== "" };
    }
    const counts = newer(this.#generation, { contentTokenCount: null });
    const params = { item: shown, ...this.#ids(turnId), ...counts, completedAtMs };
    return [{ method: "item/completed", params }];
  }

  #delta(
    method: string,
    turnId: string | undefined,
    itemId: string,
    members: object,
  ): Notification[] {
    return [{ method, params: { ...this.#ids(turnId), itemId, ...members } }];
  }

  #ofTurn(method: string, turnId: string | undefined, members: object): Notification {
    return { method, params: { ...this.#ids(turnId), ...members } };
  }

  #ofThread(method: string, members: object): Notification {
    return { method, params: { threadId: this.#threadId, ...members } };
  }

  #ids(turnId: string | undefined): { readonly threadId: string; readonly turnId: string } {
    return { threadId: this.#threadId, turnId: turnId ?? this.#lastTurnId };
  }
}
