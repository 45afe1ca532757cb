import type { ResponseItem } from "@codex-ts/protocol";
import {
  openBundle,
  reduceBundle,
  TraceWriter,
  type ReducedTrace,
  type TraceSchemaVersion,
} from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { AgentSession, IdSource } from "../support/agent-session.ts";
import {
  CHILD_THREAD,
  childMetadata,
  message,
  onlyBundle,
  ROOT_THREAD,
  startRoot,
} from "../support/recording.ts";

function reduceOnly(root: string): Promise<ReducedTrace> {
  return reduceBundle(openBundle(onlyBundle(root)), { mode: "strict" }).then(({ state }) => state);
}

describe.each<TraceSchemaVersion>([1, 2])(
  "what was written in schema %i is read back",
  (schemaVersion) => {
    test("[trace/A1] a full life: rollout, thread, turn and inference with their payloads", async () => {
      await using folder = await temporaryDirectory();
      const writer = TraceWriter.create({
        root: folder.path,
        traceId: "trace-1",
        rolloutId: "rollout-1",
        rootThreadId: "thread-root",
        schemaVersion,
      });
      const context = { threadId: "thread-root", turnId: "turn-1" };
      writer.append({
        type: "rollout_started",
        trace_id: "trace-1",
        root_thread_id: "thread-root",
      });
      writer.append({
        type: "thread_started",
        thread_id: "thread-root",
        agent_path: "/root",
        metadata_payload:
          writer.writePayload("session_metadata", { model: "model-a", session_source: "cli" }) ??
          null,
      });
      writer.append(
        { type: "codex_turn_started", codex_turn_id: "turn-1", thread_id: "thread-root" },
        context,
      );
      const request = writer.writePayload("inference_request", { input: [] });
      const response = writer.writePayload("inference_response", { output_items: [] });
      if (request === undefined || response === undefined) throw new Error("payloads are missing");
      writer.append(
        {
          type: "inference_started",
          inference_call_id: "inference-1",
          thread_id: "thread-root",
          codex_turn_id: "turn-1",
          model: "model-a",
          provider_name: "provider-a",
          request_payload: request,
        },
        context,
      );
      writer.append(
        {
          type: "inference_completed",
          inference_call_id: "inference-1",
          response_id: "resp-1",
          upstream_request_id: "req-1",
          response_payload: response,
        },
        context,
      );
      writer.append(
        { type: "codex_turn_ended", codex_turn_id: "turn-1", status: "completed" },
        context,
      );
      writer.append({ type: "rollout_ended", status: "completed" });
      void writer.close();

      const state = await reduceOnly(folder.path);
      expect(state).toMatchObject({
        schema_version: schemaVersion,
        trace_id: "trace-1",
        rollout_id: "rollout-1",
        status: "completed",
        root_thread_id: "thread-root",
        threads: { "thread-root": { agent_path: "/root" } },
        codex_turns: { "turn-1": { thread_id: "thread-root", execution: { status: "completed" } } },
        inference_calls: {
          "inference-1": {
            response_id: "resp-1",
            upstream_request_id: "req-1",
            raw_request_payload_id: "raw_payload:2",
            raw_response_payload_id: "raw_payload:3",
          },
        },
        raw_payloads: { "raw_payload:1": { path: "payloads/1.json" } },
      });
    });

    test("[trace/A2] a root that ended, with its metadata as the only payload", async () => {
      await using folder = await temporaryDirectory();
      const root = startRoot(folder.path, { schemaVersion });
      root.recordEnded("completed");
      void root.close();
      const state = await reduceOnly(folder.path);
      expect(state).toMatchObject({
        status: "completed",
        threads: { [ROOT_THREAD]: { agent_path: "/root", default_model: "model-a" } },
      });
      expect(Object.keys(state.raw_payloads)).toEqual(["raw_payload:1"]);
    });

    test("[trace/A3] a child that ended while the rollout runs on", async () => {
      await using folder = await temporaryDirectory();
      const root = startRoot(folder.path, { schemaVersion });
      const child = root.startChild(childMetadata());
      child.recordEnded("completed");
      void child.close();
      const state = await reduceOnly(folder.path);
      expect(state).toMatchObject({
        status: "running",
        threads: {
          [CHILD_THREAD]: {
            agent_path: "/root/helper",
            origin: { type: "spawned", parent_thread_id: ROOT_THREAD, task_name: "helper" },
            execution: { status: "completed" },
          },
        },
      });
      expect(Object.keys(state.raw_payloads)).toHaveLength(2);
    });

    test("[trace/A9] a completed call, with both ids apart", async () => {
      await using folder = await temporaryDirectory();
      const session = new AgentSession(startRoot(folder.path, { schemaVersion }), new IdSource());
      session.startTurn("hello");
      session.complete(session.startResponse(), "resp-1");
      const [call] = Object.values((await reduceOnly(folder.path)).inference_calls);
      expect(call).toMatchObject({
        thread_id: ROOT_THREAD,
        codex_turn_id: session.turnId,
        response_id: "resp-1",
        upstream_request_id: expect.stringMatching(/^req-/),
        execution: { status: "completed" },
      });
    });

    test("[trace/A11] a call cancelled with one finished item", async () => {
      await using folder = await temporaryDirectory();
      const session = new AgentSession(startRoot(folder.path, { schemaVersion }), new IdSource());
      session.startTurn("hello");
      const response = session.startResponse();
      session.receive(response, message("partial answer", { id: "msg-1" }));
      response.attempt.recordCancelled({ upstreamRequestId: null, outputItems: response.items });
      const [call] = Object.values((await reduceOnly(folder.path)).inference_calls);
      expect(call).toMatchObject({
        execution: { status: "cancelled" },
        upstream_request_id: null,
        response_id: null,
      });
      expect(call?.response_item_ids).toHaveLength(1);
    });

    test("[trace/A16] the correlation of an MCP call is on its tool call", async () => {
      await using folder = await temporaryDirectory();
      const session = new AgentSession(startRoot(folder.path, { schemaVersion }), new IdSource());
      session.startTurn("hello");
      session.dispatch({ callId: "call-a", toolName: "add", isCustom: false, input: "{}" });
      const { mcpCallId } = session.trace.startMcpCall("call-a");
      expect((await reduceOnly(folder.path)).tool_calls).toMatchObject({
        "call-a": { mcp_call_id: mcpCallId },
      });
    });

    test("[trace/W3] the thread ends with the final message, whether the server gave it an id or not", async () => {
      const answers: ResponseItem[] = [
        message("the answer", { id: "msg-1" }),
        message("the answer"),
      ];
      for (const answer of answers) {
        await using folder = await temporaryDirectory();
        const session = new AgentSession(startRoot(folder.path, { schemaVersion }), new IdSource());
        session.startTurn("hello");
        const first = session.startResponse();
        session.receive(first, message("let me think", { id: "msg-0" }));
        session.complete(first);
        const second = session.startResponse();
        session.receive(second, answer);
        session.complete(second);
        session.endTurn("completed");
        const state = await reduceOnly(folder.path);
        const last = state.threads[ROOT_THREAD]?.conversation_item_ids.at(-1) ?? "";
        expect(state.conversation_items[last]).toMatchObject({
          role: "assistant",
          body: { parts: [{ type: "text", text: "the answer" }] },
          produced_by: [{ type: "inference" }],
        });
        // The request repeated no item as a new one: user, thought, answer.
        expect(Object.keys(state.conversation_items)).toHaveLength(3);
      }
    });
  },
);
