import { toWireItem, toWireSessionSource } from "@codex-ts/protocol";
import type { JsonObject, MultiAgentVersion, ResponseItem, UserInput } from "@codex-ts/protocol";
import type { AgentMail } from "../agents/mailbox.ts";
import type { RecordedContext } from "../events/recorded-context.ts";
import type { ThreadEvent } from "../events/thread-event.ts";
import { imageItem, webSearchItem } from "../turn/hosted-items.ts";
import { fileSystemPolicy, permissionProfile, sandboxPolicy } from "./permission-profile.ts";
import { agentMembers, collaborationMode, isSubagent } from "./session-facts.ts";
import { policyJson } from "../policies.ts";
import type { SessionFacts } from "./session-facts.ts";
import { agentMessageTexts, eventLine, itemLine, textElements, userText } from "./session-line.ts";
import type { SessionLine, SessionLines } from "./session-line.ts";
import { wireTokenCount } from "./wire-token-count.ts";

/** Session files of 0.140. Source: docs/behavior/core.md 6.3; files of 0.140, observed. */
export class Lines0140 implements SessionLines {
  readonly isNumbered = false;
  readonly #facts: SessionFacts;
  /** The event of a compaction stands after the count that follows it. */
  #hasCompacted = false;
  /** A turn has begun in this process. */
  #hasRun = false;

  constructor(facts: SessionFacts) {
    this.#facts = facts;
  }

  opening(): readonly SessionLine[] {
    const facts = this.#facts;
    const payload = {
      id: facts.threadId,
      ...(facts.fork !== undefined && { forked_from_id: facts.fork.threadId }),
      timestamp: new Date(facts.createdMs).toISOString(),
      cwd: facts.settings.cwd,
      originator: facts.originator,
      cli_version: facts.clientVersion,
      source: toWireSessionSource(facts.source),
      ...(facts.threadSource !== null && { thread_source: facts.threadSource }),
      ...agentMembers(facts),
      model_provider: facts.providerId,
      base_instructions: { text: facts.instructions },
      ...(facts.recordedTools.length > 0 && {
        dynamic_tools: facts.recordedTools.map((tool) => ({ deferLoading: false, ...tool })),
      }),
      ...(isSubagent(facts) && { multi_agent_version: facts.multiAgentVersion }),
    };
    const meta = { type: "session_meta", payload };
    return [meta, ...facts.inherited.flatMap((item) => itemLines(item, false))];
  }

  fresh(): readonly SessionLine[] {
    return [];
  }

  linesOf(event: ThreadEvent): readonly SessionLine[] {
    switch (event.type) {
      case "task_started": {
        const { turn_id, started_at, model_context_window, collaboration_mode_kind } = event.msg;
        this.#hasRun = true;
        return [
          eventLine({
            type: "task_started",
            turn_id,
            started_at,
            model_context_window,
            collaboration_mode_kind,
          }),
        ];
      }
      case "context_recorded":
        return [
          {
            type: "turn_context",
            payload: turnContext(event.msg.context, this.#facts.multiAgentVersion),
          },
        ];
      case "raw_response_item":
        if (event.facts.mail !== undefined && event.msg.item.type === "agent_message") {
          return [mailLine(event.facts.mail)];
        }
        return itemLines(event.facts.stored, event.facts.isShown, event.facts.savedPath);
      case "item_completed":
        return event.msg.item.type === "UserMessage" ? [userMessage(event.msg.item)] : [];
      case "patch_apply_end":
      case "sub_agent_activity":
        return [eventLine({ ...event.msg })];
      case "token_count":
        return this.#tokenCount(wireTokenCount(event.msg, "0.140"));
      case "review_entered": {
        const { target, hint: user_facing_hint } = event.msg;
        return [eventLine({ type: "entered_review_mode", target, user_facing_hint })];
      }
      case "reviewer_event":
        return this.#ofReviewer(event.msg.event);
      case "review_exited":
        return [eventLine({ type: "exited_review_mode", review_output: event.msg.output })];
      case "compaction_installed": {
        const { message, replacementHistory, windowNumber } = event.msg.compaction;
        this.#hasCompacted = true;
        return [
          {
            type: "compacted",
            payload: {
              message,
              replacement_history: wireItems(replacementHistory),
              window_id: windowNumber,
            },
          },
        ];
      }
      case "thread_rolled_back":
      case "mcp_tool_call_end":
        return [eventLine(event.msg)];
      case "task_complete": {
        const { turn_id, last_agent_message, completed_at, duration_ms } = event.msg;
        const { time_to_first_token_ms } = event.msg;
        return [
          eventLine({
            type: "task_complete",
            turn_id,
            last_agent_message,
            completed_at,
            duration_ms,
            ...(time_to_first_token_ms !== undefined && { time_to_first_token_ms }),
          }),
        ];
      }
      case "turn_aborted": {
        const { turn_id, reason, completed_at, duration_ms } = event.msg;
        return [eventLine({ type: "turn_aborted", turn_id, reason, completed_at, duration_ms })];
      }
      // Not kept: errors, retries, warnings, deltas, the beginning and end of commands.
      case "session_configured":
      case "shutdown_complete":
      case "item_started":
      case "agent_message_content_delta":
      case "reasoning_content_delta":
      case "reasoning_raw_content_delta":
      case "agent_reasoning_section_break":
      case "model_reroute":
      case "exec_command_begin":
      case "patch_apply_begin":
      case "exec_command_output_delta":
      case "exec_command_end":
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
      case "inference_finished":
      case "collab_agent_spawn_begin":
      case "collab_agent_spawn_end":
      case "collab_agent_interaction_begin":
      case "collab_agent_interaction_end":
      case "collab_waiting_begin":
      case "collab_waiting_end":
      case "collab_close_begin":
      case "collab_close_end":
      case "agent_result":
      case "turn_diff":
        return [];
      default:
        return event satisfies never;
    }
  }

  /** 0.140 keeps the task of a reviewer twice: as an item, and as the event that this item stands for. */
  #ofReviewer(event: ThreadEvent): readonly SessionLine[] {
    const lines = this.linesOf(event);
    return event.type === "item_completed" ? [...lines, ...lines] : lines;
  }

  #tokenCount(count: JsonObject): readonly SessionLine[] {
    // 0.140 does not go on with the limits of a session that it resumes.
    const line = eventLine(this.#hasRun ? count : { ...count, rate_limits: null });
    if (!this.#hasCompacted) return [line];
    this.#hasCompacted = false;
    return [line, eventLine({ type: "context_compacted" })];
  }
}

/** The events that show an item stand before it. */
function itemLines(
  stored: ResponseItem | undefined,
  isShown: boolean,
  savedPath?: string,
): SessionLine[] {
  const wire = stored && wireItem(stored);
  if (stored === undefined || wire === undefined) return [];
  return [...(isShown ? shownBy(stored, savedPath) : []), itemLine(wire)];
}

function shownBy(item: ResponseItem, savedPath: string | undefined): SessionLine[] {
  if (item.type === "web_search_call") {
    const { id, query, action } = webSearchItem(item);
    return [eventLine({ type: "web_search_end", call_id: id, query, action })];
  }
  if (item.type === "image_generation_call") {
    const { id, type: _type, ...shown } = imageItem(item, savedPath);
    return [eventLine({ type: "image_generation_end", call_id: id, ...shown })];
  }
  if (item.type === "reasoning") {
    return item.summary.map(({ text }) => eventLine({ type: "agent_reasoning", text }));
  }
  const phase = (item.type === "message" && item.phase) || null;
  return agentMessageTexts(item).map((message) =>
    eventLine({ type: "agent_message", message, phase, memory_citation: null }),
  );
}

function wireItem(item: ResponseItem): JsonObject | undefined {
  return toWireItem(item, { itemIds: "omit" });
}

function wireItems(items: readonly ResponseItem[]): readonly JsonObject[] {
  return items.map(wireItem).filter((item) => item !== undefined);
}

function userMessage({
  client_id,
  content,
}: {
  readonly client_id?: string;
  readonly content: readonly UserInput[];
}): SessionLine {
  return eventLine({
    type: "user_message",
    ...(client_id !== undefined && { client_id }),
    message: userText(content),
    images: content.flatMap((part) => (part.type === "image" ? [part.image_url] : [])),
    local_images: content.flatMap((part) => (part.type === "local_image" ? [part.path] : [])),
    text_elements: textElements(content),
  });
}

/** A message of another agent, with what it says either readable or not. */
function mailLine({ author, recipient, text, isOfModel, triggersTurn }: AgentMail): SessionLine {
  return {
    type: "inter_agent_communication",
    payload: {
      author,
      recipient,
      other_recipients: [],
      content: isOfModel ? "" : text,
      ...(isOfModel && { encrypted_content: text }),
      trigger_turn: triggersTurn,
    },
  };
}

function turnContext(context: RecordedContext, version: MultiAgentVersion): JsonObject {
  const { cwd, model, sandboxMode, approvalPolicy, reasoningEffort } = context;
  return {
    turn_id: context.turnId,
    cwd,
    workspace_roots: [cwd],
    ...(context.currentDate !== undefined && { current_date: context.currentDate }),
    ...(context.timezone !== undefined && { timezone: context.timezone }),
    approval_policy: policyJson(approvalPolicy),
    sandbox_policy: sandboxPolicy(sandboxMode),
    permission_profile: permissionProfile(sandboxMode, cwd, "0.140"),
    ...fileSystemPolicy(sandboxMode, cwd, "0.140"),
    model,
    ...(context.compHash !== undefined && { comp_hash: context.compHash }),
    collaboration_mode: collaborationMode(context),
    multi_agent_version: version,
    realtime_active: false,
    ...(reasoningEffort !== undefined && { effort: reasoningEffort }),
    // Whatever is configured.
    summary: "auto",
  };
}
