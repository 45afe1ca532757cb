import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import {
  EMPTY_TOKEN_USAGE,
  addTokenUsage,
  isJsonObject,
  newUuidV7,
  toWireSessionSource,
} from "@codex-ts/protocol";
import type { JsonObject, ResponseItem, TokenUsage, TurnItem } from "@codex-ts/protocol";
import type { AgentMail } from "../agents/mailbox.ts";
import type { RecordedContext } from "../events/recorded-context.ts";
import type { InstalledCompaction, ThreadEvent } from "../events/thread-event.ts";
import { wholeWireItem, withOwnId } from "../history/item-identity.ts";
import { webSearchItem } from "../turn/hosted-items.ts";
import { fileSystemPolicy, permissionProfile, sandboxPolicy } from "./permission-profile.ts";
import { mcpItem } from "./mcp-item.ts";
import { activityItem, collabCallItem } from "./agent-items.ts";
import { reviewItem } from "./review-items.ts";
import { agentMembers, collaborationMode } from "./session-facts.ts";
import { policyJson } from "../policies.ts";
import type { SessionFacts } from "./session-facts.ts";
import { agentMessageTexts, eventLine, itemLine } from "./session-line.ts";
import type { SessionLine, SessionLines } from "./session-line.ts";
import { WorldState } from "./world-state.ts";
import { wireTokenCount, wireUsage } from "./wire-token-count.ts";

type EventOf<Type extends ThreadEvent["type"]> = Extract<ThreadEvent, { readonly type: Type }>;

/** Moments that are the items of a reviewer. */
const REVIEWER_ITEMS: ReadonlySet<ThreadEvent["type"]> = new Set([
  "item_completed",
  "exec_command_end",
  "patch_apply_begin",
  "patch_apply_end",
]);

/** State that the lines of a thread so far hand on to those that follow. */
export interface Progress {
  readonly usage: TokenUsage | undefined;
  readonly worldState: JsonObject | undefined;
  readonly firstContextWindowId: string | undefined;
  /** Slug of the model of the last turn. */
  readonly model: string | undefined;
  /** Those of the thread until now; `undefined`: its file does not say. */
  readonly settings: JsonObject | undefined;
  readonly compHash: string | undefined;
}

/** Session files of 0.171. Source: docs/behavior/core.md 6.3, codex-0.171.md 3; files of 0.171, observed. */
export class Lines0171 implements SessionLines {
  readonly isNumbered = true;
  readonly #facts: SessionFacts;
  readonly #now: () => number;
  readonly #worldState: WorldState;
  readonly #firstContextWindowId: string;
  #threadUsage: TokenUsage;
  #turnUsage: TokenUsage = EMPTY_TOKEN_USAGE;
  #lastUsage: JsonObject | undefined;
  #turn: EventOf<"task_started"> | undefined;
  #rootTurnId: string | undefined;
  #model: string;
  /** The settings the file holds last, as JSON. */
  #settings: string | undefined;
  readonly #patchesBegunMs = new Map<string, number>();
  #hasCompacted = false;
  /** The file holds nothing that was counted since it began. */
  #hasStartedOver = false;
  readonly #resumedSettings: JsonObject | undefined;
  #compHash: string | undefined;
  #isResponsesLite = false;
  /** The turn of the newest `turn_context`. */
  #contextTurnId: string | undefined;

  /** `progress`: of a thread that has lines already. */
  constructor(facts: SessionFacts, now: () => number, progress: Progress | undefined) {
    this.#facts = facts;
    this.#now = now;
    this.#threadUsage = progress?.usage ?? EMPTY_TOKEN_USAGE;
    this.#worldState = new WorldState(progress?.worldState);
    this.#firstContextWindowId = progress?.firstContextWindowId ?? facts.contextWindowId;
    this.#resumedSettings = progress?.settings;
    this.#model = progress?.model ?? facts.settings.model;
    this.#compHash = progress?.compHash;
  }

  opening(): readonly SessionLine[] {
    const facts = this.#facts;
    const { fork } = facts;
    const payload = {
      session_id: facts.sessionId,
      id: facts.threadId,
      ...(fork !== undefined && { forked_from_id: fork.threadId }),
      ...(fork?.base && { forked_from_ordinal_exclusive: fork.base.endOrdinal }),
      timestamp: new Date(facts.createdMs).toISOString(),
      cwd: facts.settings.cwd,
      runtime_workspace_roots: [facts.settings.cwd],
      originator: facts.originator,
      cli_version: facts.clientVersion,
      source: toWireSessionSource(facts.source),
      ...(facts.threadSource !== null && { thread_source: facts.threadSource }),
      ...agentMembers(facts),
      model_provider: facts.providerId,
      base_instructions: {
        text: facts.instructions,
        ...(facts.instructionsModel !== undefined && {
          provenance: { type: "model", model: facts.instructionsModel },
        }),
      },
      ...(facts.recordedTools.length > 0 && {
        dynamic_tools: facts.recordedTools.map((tool) => ({ type: "function", ...tool })),
      }),
      history_mode: "paginated",
      ...(fork?.base && {
        history_base: {
          thread_id: fork.base.fileId,
          end_ordinal_exclusive: fork.base.endOrdinal,
          end_byte_offset: fork.base.endByte,
        },
      }),
      multi_agent_version: facts.multiAgentVersion,
      // A fork is in the window it was made of until it is resumed.
      context_window: { window_id: fork?.base ? newUuidV7() : facts.contextWindowId },
    };
    const meta = { type: "session_meta", payload };
    const inherited = wireItems(facts.inherited).map(itemLine);
    return [
      meta,
      ...inherited,
      ...(fork === undefined ? [] : [this.#settingsLine(facts.settings)]),
    ];
  }

  /** The settings the thread has now, as a line says them. */
  get settings(): SessionLine {
    if (this.#settings !== undefined) return JSON.parse(this.#settings) as SessionLine;
    return this.#settingsLine(this.#facts.settings);
  }

  fresh(): readonly SessionLine[] {
    // A fork begins with them.
    return this.#facts.fork === undefined ? [this.#settingsLine(this.#facts.settings)] : [];
  }

  /** The first line a process adds to a file that was there: the settings it goes on with. */
  resumption(): readonly SessionLine[] {
    const before = this.#resumedSettings;
    return this.#firstSettings(this.settings, before === undefined || this.#areSettings(before));
  }

  /** The same of a file that begins in another one, with the settings the thread has come to. */
  startOver(settings: SessionLine): readonly SessionLine[] {
    const before = this.#resumedSettings;
    this.#hasStartedOver = true;
    this.#settings = JSON.stringify(settings);
    return this.#firstSettings(settings, before !== undefined && this.#areSettings(before));
  }

  /** Once as the settings of the thread, and once because they are others now. */
  #firstSettings(line: SessionLine, areKnown: boolean): readonly SessionLine[] {
    this.#settings = JSON.stringify(line);
    return areKnown ? [line] : [line, line];
  }

  /** Whether the thread had these settings before; what only Codex knows does not count. */
  #areSettings(before: JsonObject): boolean {
    const now = this.settings.payload["thread_settings"];
    if (!isJsonObject(now)) return true;
    return Object.entries(now).every(([name, value]) => isDeepStrictEqual(before[name], value));
  }

  linesOf(event: ThreadEvent): readonly SessionLine[] {
    switch (event.type) {
      case "task_started":
        this.#turn = event;
        this.#rootTurnId = event.facts.rootTurnId;
        this.#turnUsage = EMPTY_TOKEN_USAGE;
        return [taskStarted(event)];
      case "context_recorded":
        return this.#context(event.msg.context, event.msg.isWhole);
      case "raw_response_item":
        return this.#item(event);
      case "item_completed":
        return this.#completed(event);
      case "exec_command_end":
        return [this.#command(event.msg)];
      case "patch_apply_begin":
        this.#patchesBegunMs.set(event.msg.call_id, this.#now());
        return [];
      case "patch_apply_end":
        return [this.#patch(event.msg)];
      case "mcp_tool_call_end":
        return event.turnId === undefined
          ? []
          : [this.#shown(mcpItem(event), event.turnId, event.facts.startedMs)];
      case "sub_agent_activity":
        return event.turnId === undefined
          ? []
          : [this.#shown(activityItem(event.msg), event.turnId, event.msg.occurred_at_ms)];
      case "collab_agent_spawn_end":
      case "collab_agent_interaction_end":
      case "collab_waiting_end":
      case "collab_close_end":
        return event.turnId === undefined
          ? []
          : [this.#shown(collabCallItem(event.msg), event.turnId)];
      case "review_entered":
        this.#rootTurnId = event.msg.turn_id;
        return [this.#shown(reviewItem(event.msg), event.msg.turn_id)];
      case "review_exited":
        return event.turnId === undefined ? [] : [this.#shown(reviewItem(event.msg), event.turnId)];
      case "reviewer_event":
        return this.#ofReviewer(event.msg);
      case "inference_finished":
        return this.#usage(event.msg.inference);
      case "token_count":
        return this.#tokenCount(event.msg);
      case "compaction_installed":
        this.#hasCompacted = true;
        return [this.#compacted(event.msg.compaction)];
      case "thread_rolled_back":
        // The file begins where the thread went back to.
        return [];
      case "task_complete": {
        const { type, ...rest } = event.msg;
        return [eventLine({ type, ...this.#root(), ...rest })];
      }
      case "turn_aborted": {
        const { type, ...rest } = event.msg;
        return [eventLine({ type, ...this.#root(), ...rest })];
      }
      // Not kept: errors of requests, retries, warnings, deltas, the beginning of anything.
      case "session_configured":
      case "shutdown_complete":
      case "item_started":
      case "agent_message_content_delta":
      case "reasoning_content_delta":
      case "reasoning_raw_content_delta":
      case "agent_reasoning_section_break":
      case "model_reroute":
      case "exec_command_begin":
      case "exec_command_output_delta":
      case "terminal_interaction":
      case "mcp_startup_update":
      case "mcp_startup_complete":
      case "mcp_tool_call_begin":
      case "exec_approval_request":
      case "apply_patch_approval_request":
      case "mcp_tool_approval_request":
      case "approval_resolved":
      case "plan_update":
      case "stream_error":
      case "warning":
      case "error":
      case "code_cell_started":
      case "code_cell_waited":
      case "code_cell_responded":
      case "inference_started":
      case "compaction_started":
      case "collab_agent_spawn_begin":
      case "collab_agent_interaction_begin":
      case "collab_waiting_begin":
      case "collab_close_begin":
      case "agent_result":
      case "turn_diff":
        return [];
      default:
        return event satisfies never;
    }
  }

  #context(context: RecordedContext, isWhole: boolean): SessionLine[] {
    this.#model = context.model;
    this.#compHash = context.compHash;
    this.#isResponsesLite = context.isResponsesLite === true;
    const state = this.#worldState.change(context, isWhole);
    const settings = this.#settingsLine(context);
    const text = JSON.stringify(settings);
    const isNew = text !== this.#settings || isWhole;
    this.#settings = text;
    // News in the middle of a turn change nothing of what its line says.
    const isOfTurn = isWhole || context.turnId !== this.#contextTurnId;
    this.#contextTurnId = context.turnId;
    return [
      ...(state === undefined ? [] : [{ type: "world_state", payload: state }]),
      ...(isOfTurn ? [{ type: "turn_context", payload: this.#turnContext(context) }] : []),
      ...(isNew ? [settings] : []),
    ];
  }

  /** The event that shows an item stands before it. */
  #item({ msg, facts, turnId }: EventOf<"raw_response_item">): SessionLine[] {
    const { stored, isShown, mail } = facts;
    if (stored === undefined || msg.item.type === "other") return [];
    if (mail !== undefined && stored.type === "agent_message") return mailLines(stored, mail);
    const item = withOwnId(stored);
    const wire = wholeWireItem(item);
    if (wire === undefined) return [];
    const shown = isShown ? turnItem(item) : undefined;
    return [...(shown && turnId ? [this.#shown(shown, turnId)] : []), itemLine(wire)];
  }

  /** Messages and reasoning are made of their items, which have the ids. */
  #completed({ msg, turnId }: EventOf<"item_completed">): SessionLine[] {
    const { item } = msg;
    // The items of responses have said it.
    const isOfResponse = ["AgentMessage", "Reasoning", "WebSearch"].includes(item.type);
    if (turnId === undefined || isOfResponse) return [];
    return [this.#shown(item, turnId)];
  }

  /** The work of a reviewer is shown as that of its own thread and turn. */
  #ofReviewer({ thread_id: threadId, event }: EventOf<"reviewer_event">["msg"]): SessionLine[] {
    if (event.type === "task_started") return [taskStarted(event)];
    if (!REVIEWER_ITEMS.has(event.type)) return [];
    return this.linesOf(event).map(({ type, payload }) => ({
      type,
      payload: { ...payload, thread_id: threadId },
    }));
  }

  #shown(item: TurnItem | JsonObject, turnId: string, startedMs?: number): SessionLine {
    const completedMs = this.#now();
    return eventLine({
      type: "item_completed",
      thread_id: this.#facts.threadId,
      turn_id: turnId,
      item,
      started_at_ms: startedMs ?? completedMs,
      completed_at_ms: completedMs,
    });
  }

  #command(msg: EventOf<"exec_command_end">["msg"]): SessionLine {
    const { call_id, process_id, turn_id, command, cwd, parsed_cmd, source, status } = msg;
    const { aggregated_output, exit_code, duration } = msg;
    const item = {
      type: "CommandExecution",
      id: call_id,
      ...(process_id !== undefined && { process_id }),
      command,
      cwd: pathToFileURL(cwd).href,
      parsed_cmd,
      source,
      status,
      aggregated_output,
      exit_code,
      duration,
    };
    const durationMs = duration.secs * 1000 + Math.floor(duration.nanos / 1e6);
    return this.#shown(item as unknown as JsonObject, turn_id, this.#now() - durationMs);
  }

  #patch(msg: EventOf<"patch_apply_end">["msg"]): SessionLine {
    const { call_id, turn_id, changes, status, stdout, stderr } = msg;
    const begunMs = this.#patchesBegunMs.get(call_id);
    this.#patchesBegunMs.delete(call_id);
    const item = { type: "FileChange", id: call_id, changes, status, stdout, stderr };
    return this.#shown(item, turn_id, begunMs);
  }

  #usage({
    usage,
    responseId,
  }: EventOf<"inference_finished">["msg"]["inference"]): readonly SessionLine[] {
    if (usage === undefined || responseId === undefined || this.#turn === undefined) return [];
    this.#turnUsage = addTokenUsage(this.#turnUsage, usage);
    this.#threadUsage = addTokenUsage(this.#threadUsage, usage);
    this.#lastUsage = {
      thread_id: this.#facts.threadId,
      turn_id: this.#turn.msg.turn_id,
      session_id: this.#facts.sessionId,
      ...this.#root(),
      response_id: responseId,
      usage: wireUsage(usage, "0.171"),
      turn_token_usage: wireUsage(this.#turnUsage, "0.171"),
      thread_token_usage: wireUsage(this.#threadUsage, "0.171"),
    };
    return [{ type: "token_usage_record", payload: this.#lastUsage }];
  }

  #tokenCount(event: EventOf<"token_count">["msg"]): SessionLine[] {
    const isKnown = this.#hasStartedOver;
    this.#hasStartedOver = false;
    if (isKnown) return [];
    const hasAllReasoning = this.#hasCompacted || this.#isResponsesLite;
    this.#hasCompacted = false;
    return [eventLine(wireTokenCount(event, "0.171", { hasAllReasoning }))];
  }

  #compacted(compaction: InstalledCompaction): SessionLine {
    return {
      type: "compacted",
      payload: {
        message: compaction.message,
        replacement_history: wireItems(compaction.replacementHistory),
        window_number: compaction.windowNumber,
        first_window_id: this.#firstContextWindowId,
        previous_window_id: compaction.previousContextWindowId,
        window_id: compaction.contextWindowId,
        ...(compaction.responseId !== undefined && {
          compaction_response_id: compaction.responseId,
        }),
        ...(this.#lastUsage !== undefined && { latest_token_usage_record: this.#lastUsage }),
        ...this.#resumeMetadata(),
      },
    };
  }

  /** Facts of the lines before that a reader needs who begins here. */
  #resumeMetadata(): { readonly resume_metadata?: JsonObject } {
    if (this.#turn === undefined) return {};
    return {
      resume_metadata: {
        dynamic_tools: { thread_id: this.#facts.threadId, tools: [] },
        multi_agent_version: this.#facts.multiAgentVersion,
        last_started_turn_id: this.#turn.msg.turn_id,
        turn_attribution: attribution(this.#turn),
        previous_turn_settings: {
          model: this.#model,
          comp_hash: this.#compHash ?? null,
          realtime_active: false,
        },
      },
    };
  }

  #root(): { readonly root_turn_id?: string } {
    return this.#rootTurnId === undefined ? {} : { root_turn_id: this.#rootTurnId };
  }

  #turnContext(context: RecordedContext): JsonObject {
    const { cwd, sandboxMode, reasoningEffort } = context;
    return {
      turn_id: context.turnId,
      ...this.#root(),
      disabled_plugin_ids: [],
      cwd,
      approval_policy: policyJson(context.approvalPolicy),
      approvals_reviewer: "user",
      permission_profile: permissionProfile(sandboxMode, cwd, "0.171"),
      model: context.model,
      ...(context.compHash !== undefined && { comp_hash: context.compHash }),
      collaboration_mode: collaborationMode(context),
      multi_agent_version: this.#facts.multiAgentVersion,
      realtime_active: false,
      ...(reasoningEffort !== undefined && { effort: reasoningEffort }),
      // Whatever is configured.
      summary: "none",
      sandbox_policy: sandboxPolicy(sandboxMode),
      ...fileSystemPolicy(sandboxMode, cwd, "0.171"),
    };
  }

  #settingsLine(settings: Omit<RecordedContext, "turnId">): SessionLine {
    const { cwd, model, approvalPolicy, sandboxMode, reasoningEffort } = settings;
    return eventLine({
      type: "thread_settings_applied",
      thread_id: this.#facts.threadId,
      thread_settings: {
        model,
        model_provider_id: this.#facts.providerId,
        approval_policy: policyJson(approvalPolicy),
        approvals_reviewer: "user",
        requested_approvals_reviewer: "user",
        permission_profile: permissionProfile(sandboxMode, cwd, "0.171"),
        cwd,
        runtime_workspace_roots: [cwd],
        ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
        collaboration_mode: collaborationMode(settings),
        disabled_plugin_ids: [],
      },
    });
  }
}

function mailLines(stored: ResponseItem, { triggersTurn }: AgentMail): SessionLine[] {
  const wire = wholeWireItem(withOwnId(stored));
  const facts = {
    type: "inter_agent_communication_metadata",
    payload: { trigger_turn: triggersTurn },
  };
  return wire === undefined ? [] : [facts, itemLine(wire)];
}

function taskStarted(event: EventOf<"task_started">): SessionLine {
  const { turn_id, started_at, model_context_window, collaboration_mode_kind } = event.msg;
  return eventLine({
    type: "task_started",
    turn_attribution: attribution(event),
    turn_id,
    root_turn_id: event.facts.rootTurnId,
    started_at,
    model_context_window,
    collaboration_mode_kind,
  });
}

function attribution({ msg, facts }: EventOf<"task_started">): JsonObject {
  return {
    turn_id: msg.turn_id,
    turn_trigger: facts.turnTrigger ?? null,
    parent_turn_id: facts.parentTurnId ?? null,
    initiating_agent_path: facts.initiatingAgentPath ?? null,
    root_turn_id: facts.rootTurnId,
  };
}

function turnItem(item: ResponseItem): TurnItem | undefined {
  const id = "id" in item && typeof item.id === "string" ? item.id : newUuidV7();
  if (item.type === "reasoning") {
    return {
      type: "Reasoning",
      id,
      summary_text: item.summary.map(({ text }) => text),
      raw_content: (item.content ?? []).map(({ text }) => text),
    };
  }
  if (item.type === "web_search_call") return { ...webSearchItem(item), id };
  if (item.type !== "message" || item.role !== "assistant") return undefined;
  const content = agentMessageTexts(item).map((text) => ({ type: "Text" as const, text }));
  return { type: "AgentMessage", id, content, ...(item.phase && { phase: item.phase }) };
}

function wireItems(items: readonly ResponseItem[]): readonly JsonObject[] {
  return items.map((item) => wholeWireItem(withOwnId(item))).filter((item) => item !== undefined);
}
