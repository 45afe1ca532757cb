import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  readResponseItem,
  type AgentStatus,
  type JsonObject,
  type ResponseItem,
} from "@codex-ts/protocol";
import {
  ThreadTrace,
  type CodeCellResponse,
  type CodeCellTrace,
  type CompactionAttempt,
  type InferenceAttempt,
  type PayloadReference,
  type RawTraceEvent,
  type ThreadTraceMetadata,
  type ToolDispatchTrace,
  type ToolInvocation,
  type ToolRuntimeEvent,
  type TraceProtocolEvent,
  type TraceManifest,
  type TraceSchemaVersion,
} from "@codex-ts/rollout-trace";
import { readEvents, readPayload } from "./recording.ts";
import { runtimeEventType } from "./runtime-event-type.ts";

/**
 * Calls our recorders as a Codex must have called its own to get the given bundle, and returns the directory of what
 * they wrote. Ids and times that a recorder makes up are taken from the bundle; everything else has to come out by
 * itself.
 */
export function recordAgain(folder: string, root: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as TraceManifest;
  const recorder = new Again(folder, root, manifest, readEvents(folder));
  recorder.run();
  return recorder.bundlePath;
}

class Again {
  readonly #folder: string;
  readonly #root: string;
  readonly #manifest: TraceManifest;
  readonly #events: readonly RawTraceEvent[];
  readonly #threads = new Map<string, ThreadTrace>();
  readonly #attempts = new Map<string, InferenceAttempt>();
  readonly #compactions = new Map<string, CompactionAttempt>();
  readonly #dispatches = new Map<string, ToolDispatchTrace>();
  readonly #cells = new Map<string, CodeCellTrace>();
  readonly #endedCells = new Set<string>();
  #nextUuid = "";
  #appended = -1;

  constructor(
    folder: string,
    root: string,
    manifest: TraceManifest,
    events: readonly RawTraceEvent[],
  ) {
    this.#folder = folder;
    this.#root = root;
    this.#manifest = manifest;
    this.#events = events;
  }

  get bundlePath(): string {
    return this.#thread(this.#manifest.root_thread_id).bundlePath ?? "";
  }

  run(): void {
    for (const event of this.#events) this.#record(event);
  }

  /** The time of the manifest first, then that of one event after the other. */
  #now(): number {
    const time = this.#events[this.#appended]?.wall_time_unix_ms;
    this.#appended += 1;
    return time ?? this.#manifest.started_at_unix_ms;
  }

  #thread(id: string | null): ThreadTrace {
    return this.#threads.get(id ?? this.#manifest.root_thread_id) ?? ThreadTrace.disabled();
  }

  #payload(reference: PayloadReference | null | undefined): JsonObject {
    return readPayload(this.#folder, reference);
  }

  #items(list: unknown): ResponseItem[] {
    return (list as unknown[])
      .map((item) => readResponseItem(item))
      .filter((item) => item !== undefined);
  }

  #startThread(reference: PayloadReference | null): void {
    const body = this.#payload(reference);
    const metadata = {
      threadId: body["thread_id"],
      agentPath: body["agent_path"],
      taskName: body["task_name"],
      nickname: body["nickname"],
      agentRole: body["agent_role"],
      sessionSource: body["session_source"],
      cwd: body["cwd"],
      rolloutPath: body["rollout_path"],
      model: body["model"],
      providerName: body["provider_name"],
      approvalPolicy: body["approval_policy"],
      sandboxPolicy: body["sandbox_policy"],
    } as unknown as ThreadTraceMetadata;
    const isRoot = metadata.threadId === this.#manifest.root_thread_id;
    const thread = isRoot
      ? ThreadTrace.startRoot({
          root: this.#root,
          metadata,
          traceId: this.#manifest.trace_id,
          schemaVersion: this.#manifest.schema_version as TraceSchemaVersion,
          now: () => this.#now(),
          randomUuid: () => this.#nextUuid,
        })
      : this.#thread(null).startChild(metadata);
    this.#threads.set(metadata.threadId, thread);
  }

  #record({ payload, thread_id: threadId, codex_turn_id: codexTurnId }: RawTraceEvent): void {
    const thread = this.#thread(threadId);
    const turnId = codexTurnId ?? "";
    switch (payload.type) {
      case "rollout_started":
      case "rollout_ended":
      case "thread_resumed":
      case "other":
        return;
      case "recording_completed":
        for (const open of this.#threads.values()) void open.close();
        return;
      case "thread_started":
        this.#startThread(payload.metadata_payload);
        return;
      case "thread_ended":
        this.#thread(payload.thread_id).recordEnded(payload.status);
        return;
      case "codex_turn_started":
        thread.recordTurnStarted({ turnId });
        return;
      case "codex_turn_ended":
        thread.recordTurnEnded({ turnId, status: payload.status });
        return;
      case "protocol_event_observed":
        thread.recordProtocolEvent(
          this.#payload(payload.event_payload) as unknown as TraceProtocolEvent,
        );
        return;
      case "history_item_accepted": {
        const [agentMessage] = payload.agent_message_payload
          ? this.#items([this.#payload(payload.agent_message_payload)])
          : [];
        const item: ResponseItem = agentMessage ?? { type: "message", role: "user", content: [] };
        thread.recordHistoryItemAccepted({ turnId, item, wireItemId: payload.item_id });
        return;
      }
      case "inference_started": {
        this.#nextUuid = payload.inference_call_id;
        const attempt = thread
          .inferenceContext({ turnId, model: payload.model, providerName: payload.provider_name })
          .startAttempt();
        // Requests of 0.169, which writes schema 2, carry the ids of their items.
        attempt.recordStarted(this.#payload(payload.request_payload) as never, {
          itemIds: this.#manifest.schema_version === 2 ? "keep" : "omit",
        });
        this.#attempts.set(payload.inference_call_id, attempt);
        return;
      }
      case "inference_completed": {
        const response = this.#payload(payload.response_payload);
        this.#attempts.get(payload.inference_call_id)?.recordCompleted({
          responseId: payload.response_id,
          upstreamRequestId: payload.upstream_request_id,
          tokenUsage: response["token_usage"] as never,
          outputItems: this.#items(response["output_items"]),
        });
        return;
      }
      case "inference_failed":
      case "inference_cancelled": {
        const partial = payload.partial_response_payload;
        const end = {
          upstreamRequestId: payload.upstream_request_id,
          outputItems: partial === null ? [] : this.#items(this.#payload(partial)["output_items"]),
        };
        const attempt = this.#attempts.get(payload.inference_call_id);
        if (payload.type === "inference_cancelled") attempt?.recordCancelled(end);
        else attempt?.recordFailed({ ...end, error: payload.error });
        return;
      }
      case "tool_call_started":
        this.#dispatches.set(
          payload.tool_call_id,
          thread.startToolDispatch(() => {
            const invocation = this.#payload(payload.invocation_payload);
            const { requester } = payload;
            return {
              turnId,
              toolCallId: payload.tool_call_id,
              toolName: invocation["tool_name"],
              toolNamespace: invocation["tool_namespace"],
              requester:
                requester.type === "model"
                  ? requester
                  : {
                      type: "code_cell",
                      runtimeCellId: requester.runtime_cell_id,
                      runtimeToolId: payload.code_mode_runtime_tool_id ?? "",
                    },
              payload: invocation["payload"],
            } as unknown as ToolInvocation;
          }),
        );
        return;
      case "tool_call_ended": {
        const result = this.#payload(payload.result_payload);
        const dispatch = this.#dispatches.get(payload.tool_call_id);
        if (result["type"] === "error")
          dispatch?.recordFailed({ error: result["error"] as string });
        else dispatch?.recordCompleted({ status: payload.status, result: result as never });
        return;
      }
      case "tool_call_runtime_started":
      case "tool_call_runtime_ended": {
        const body = this.#payload(payload.runtime_payload);
        const type = runtimeEventType(body, payload.type === "tool_call_runtime_started");
        // The body of a finished MCP call has lost the id of its call.
        const id = type === "mcp_tool_call_end" ? { call_id: payload.tool_call_id } : {};
        const event = { ...id, ...body, type } as unknown;
        thread.recordToolCallEvent({ turnId, event: event as ToolRuntimeEvent });
        return;
      }
      case "mcp_tool_call_correlation_assigned":
        this.#nextUuid = payload.mcp_call_id;
        thread.startMcpCall(payload.tool_call_id);
        this.#thread(null).startMcpCall(payload.tool_call_id);
        return;
      case "code_cell_wait_target_resolved":
        thread.recordWaitTargetResolved({
          turnId,
          toolCallId: payload.tool_call_id,
          runtimeCellId: payload.runtime_cell_id,
        });
        return;
      case "stdin_target_resolved":
        thread.recordStdinTargetResolved({
          turnId,
          toolCallId: payload.tool_call_id,
          execToolCallId: payload.exec_tool_call_id,
        });
        return;
      case "code_cell_started":
        this.#cells.set(
          payload.runtime_cell_id,
          thread.startCodeCell({
            turnId,
            runtimeCellId: payload.runtime_cell_id,
            modelVisibleCallId: payload.model_visible_call_id,
            sourceJs: payload.source_js,
          }),
        );
        return;
      case "code_cell_initial_response":
        if (payload.status !== "yielded") this.#endedCells.add(payload.runtime_cell_id);
        this.#cells
          .get(payload.runtime_cell_id)
          ?.recordInitialResponse(this.#cellResponse(payload.response_payload));
        return;
      case "code_cell_ended":
        // The end of a cell that answered at once came with its answer.
        if (this.#endedCells.has(payload.runtime_cell_id)) return;
        thread
          .codeCell({ turnId, runtimeCellId: payload.runtime_cell_id })
          .recordEnded(this.#cellResponse(payload.response_payload));
        return;
      case "compaction_request_started":
        this.#compactions.set(
          payload.compaction_request_id,
          thread
            .compactionContext({
              turnId,
              compactionId: payload.compaction_id,
              model: payload.model,
              providerName: payload.provider_name,
            })
            .startAttempt(this.#payload(payload.request_payload)),
        );
        return;
      case "compaction_request_completed": {
        const outputItems = this.#items(this.#payload(payload.response_payload)["output_items"]);
        this.#compactions.get(payload.compaction_request_id)?.recordCompleted({ outputItems });
        return;
      }
      case "compaction_request_failed":
        this.#compactions
          .get(payload.compaction_request_id)
          ?.recordFailed({ error: payload.error });
        return;
      case "compaction_installed": {
        const checkpoint = this.#payload(payload.checkpoint_payload);
        thread
          .compactionContext({
            turnId,
            compactionId: payload.compaction_id,
            model: "",
            providerName: "",
          })
          .recordInstalled({
            inputHistory: this.#items(checkpoint["input_history"]),
            replacementHistory: this.#items(checkpoint["replacement_history"]),
          });
        return;
      }
      case "agent_result_observed": {
        const result = this.#payload(payload.carried_payload);
        thread.recordAgentResult({
          childTurnId: payload.child_codex_turn_id,
          parentThreadId: payload.parent_thread_id,
          childAgentPath: result["child_agent_path"] as string,
          message: payload.message,
          status: result["status"] as unknown as AgentStatus,
        });
        return;
      }
    }
  }

  #cellResponse(reference: PayloadReference | null): CodeCellResponse {
    return this.#payload(reference)["response"] as unknown as CodeCellResponse;
  }
}
