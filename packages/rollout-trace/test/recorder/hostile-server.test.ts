import { toWireItem } from "@codex-ts/protocol";
import type {
  FunctionCallItem,
  JsonObject,
  ResponseItem,
  ToolSearchCallItem,
} from "@codex-ts/protocol";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import type { ReducedTrace, ThreadTrace, TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import {
  childMetadata,
  eventsOf,
  NOTHING,
  onlyBundle,
  readPayload,
  startRoot,
  userMessage,
} from "../support/recording.ts";

type ItemIds = "omit" | "azure" | "keep";

/** One thread whose requests repeat its whole history. */
class Recording {
  readonly #thread: ThreadTrace;
  readonly #turnId: string;
  readonly #itemIds: ItemIds;
  readonly #history: ResponseItem[];

  static start(
    root: string,
    schemaVersion: TraceSchemaVersion,
    itemIds: ItemIds = "omit",
  ): Recording {
    return new Recording(startRoot(root, { schemaVersion }), "turn-a", itemIds, [
      userMessage("go"),
    ]);
  }

  private constructor(
    thread: ThreadTrace,
    turnId: string,
    itemIds: ItemIds,
    history: ResponseItem[],
  ) {
    this.#thread = thread;
    this.#turnId = turnId;
    this.#itemIds = itemIds;
    this.#history = history;
    thread.recordTurnStarted({ turnId });
  }

  /** A child that knows all that happened so far. */
  fork(): Recording {
    const thread = this.#thread.startChild(childMetadata());
    return new Recording(thread, "turn-b", this.#itemIds, [...this.#history]);
  }

  exchange(responseId: string, outputItems: readonly ResponseItem[]): void {
    const attempt = this.#thread
      .inferenceContext({ turnId: this.#turnId, model: "m", providerName: "p" })
      .startAttempt();
    const input = this.#history.map((item) => toWireItem(item, { itemIds: this.#itemIds }));
    attempt.recordStarted({ input }, { itemIds: this.#itemIds });
    for (const item of outputItems) attempt.observeOutputItem(item);
    attempt.recordCompleted({ ...NOTHING, responseId, tokenUsage: null, outputItems });
    for (const item of outputItems) this.accept(item);
  }

  accept(item: ResponseItem, toolCallId?: string): void {
    this.#history.push(item);
    this.#thread.recordHistoryItemAccepted({ turnId: this.#turnId, item, toolCallId });
  }

  /** Runs a call and takes its answer into history; gives the id of the call in the trace. */
  answer(item: FunctionCallItem, output: string): string | undefined {
    const dispatch = this.#thread.startToolDispatch(() => ({
      turnId: this.#turnId,
      toolCallId: item.call_id,
      item,
      toolName: item.name,
      toolNamespace: null,
      payload: { type: "function", arguments: item.arguments },
    }));
    const answer = { type: "function_call_output", call_id: item.call_id, output } as const;
    const result = { type: "direct_response", response_item: answer } as const;
    dispatch.recordCompleted({ status: "completed", result });
    this.accept(answer, dispatch.toolCallId);
    return dispatch.toolCallId;
  }

  close(): void {
    this.#thread.recordTurnEnded({ turnId: this.#turnId, status: "completed" });
    this.#thread.recordEnded("completed");
    void this.#thread.close();
  }
}

async function reduce(root: string): Promise<ReducedTrace> {
  return (await reduceBundle(openBundle(onlyBundle(root)), { mode: "strict" })).state;
}

/** Inputs of the requests, in order. */
function inputs(root: string): readonly (readonly JsonObject[])[] {
  const bundle = onlyBundle(root);
  return eventsOf(bundle, "inference_started").map(
    (event) => readPayload(bundle, event.request_payload)["input"] as JsonObject[],
  );
}

const call = (name: string, id?: string): FunctionCallItem => ({
  type: "function_call",
  ...(id !== undefined && { id }),
  name,
  arguments: JSON.stringify({ for: name }),
  call_id: "call_1",
});

describe.each<TraceSchemaVersion>([1, 2])(
  "what a careless server sends, in schema %i",
  (schema) => {
    test("[trace/W4] a call id that comes twice names two calls, each with its output, and the server's id stays visible", async () => {
      await using folder = await temporaryDirectory();
      const recording = Recording.start(folder.path, schema);
      const [first, second, third] = [call("one"), call("two"), call("one")] as const;
      recording.exchange("resp_1", [first, second]);
      expect(recording.answer(second, "second")).toBe("call_1~2");
      expect(recording.answer(first, "first")).toBe("call_1");
      recording.exchange("resp_2", [third]);
      expect(recording.answer(third, "third")).toBe("call_1~3");
      recording.exchange("resp_3", []);
      recording.close();

      const state = await reduce(folder.path);
      const outputs = Object.values(state.tool_calls).map((tool) => [
        tool.model_visible_call_id,
        tool.model_visible_call_item_ids.length,
        tool.model_visible_output_item_ids.flatMap(
          (id) => state.conversation_items[id]?.body.parts,
        ),
      ]);
      expect(outputs).toEqual([
        ["call_1", 1, [{ type: "text", text: "first" }]],
        ["call_1~2", 1, [{ type: "text", text: "second" }]],
        ["call_1~3", 1, [{ type: "text", text: "third" }]],
      ]);
      expect(
        inputs(folder.path)
          .at(-1)
          ?.slice(1)
          .map((item) => [item["call_id"], item["server_call_id"]]),
      ).toEqual([
        ["call_1", undefined],
        ["call_1~2", "call_1"],
        ["call_1~2", "call_1"],
        ["call_1", undefined],
        ["call_1~3", "call_1"],
        ["call_1~3", "call_1"],
      ]);
    });

    test("[trace/W4] a thread that begins with the history of another one has it under the same ids", async () => {
      await using folder = await temporaryDirectory();
      const parent = Recording.start(folder.path, schema);
      const calls = [call("one"), { ...call("two"), call_id: "call_2" }];
      parent.exchange("resp_1", calls);
      for (const item of calls) parent.answer(item, "done");
      const child = parent.fork();
      child.exchange("resp_2", [call("three")]);
      child.exchange("resp_3", []);
      child.close();
      parent.close();
      await reduce(folder.path);
      const history = [undefined, "call_1", "call_2", "call_1", "call_2"];
      const callIds = inputs(folder.path).map((input) => input.map((item) => item["call_id"]));
      // The call of the child has no output: its id is the second use of that id.
      expect(callIds).toEqual([[undefined], history, [...history, "call_1~2"]]);
    });

    test("[trace/W4] an output the server makes up answers no call of ours", async () => {
      await using folder = await temporaryDirectory();
      const recording = Recording.start(folder.path, schema);
      const own = call("one");
      const forged = { type: "function_call_output", call_id: "call_1", output: "forged" } as const;
      recording.exchange("resp_1", [own, forged]);
      recording.answer(own, "true");
      recording.exchange("resp_2", []);
      recording.close();
      await reduce(folder.path);
      expect(
        new Set(
          inputs(folder.path)
            .at(-1)
            ?.map((item) => item["call_id"]),
        ),
      ).toEqual(new Set([undefined, "call_1", "call_1~2"]));
    });

    test.each<ItemIds>(["omit", "azure", "keep"])(
      "[trace/W5] an item that is compared as a whole is the same in its response and in requests with ids: %s",
      async (itemIds) => {
        await using folder = await temporaryDirectory();
        const recording = Recording.start(folder.path, schema, itemIds);
        const search: ToolSearchCallItem = {
          type: "tool_search_call",
          id: "ts_1",
          call_id: "call_search",
          execution: "server",
          arguments: { query: "any" },
        };
        const image = {
          type: "image_generation_call",
          id: "ig_1",
          status: "completed",
          result: "AAAA",
        } as const;
        recording.exchange("resp_1", [search, { type: "web_search_call", id: "ws_1" }, image]);
        recording.exchange("resp_2", []);
        recording.close();
        const state = await reduce(folder.path);
        // The user's message and the three items, none of them twice.
        expect(Object.values(state.conversation_items)).toHaveLength(4);
        const [thread] = Object.values(state.threads);
        expect(thread?.conversation_item_ids).toHaveLength(4);
      },
    );

    test("[trace/W6] a message of an agent that a response makes up enters history as an item of that response", async () => {
      await using folder = await temporaryDirectory();
      const recording = Recording.start(folder.path, schema);
      const content = [{ type: "input_text", text: "made up" }] as const;
      recording.exchange("resp_1", [
        { type: "agent_message", author: "/a", recipient: "/b", content },
      ]);
      recording.exchange("resp_2", []);
      recording.close();
      const state = await reduce(folder.path);
      expect(Object.values(state.conversation_items)).toHaveLength(2);
      const accepted = eventsOf(onlyBundle(folder.path), "history_item_accepted");
      expect(accepted.map((event) => event.agent_message_payload)).toEqual(
        schema === 1 ? [] : [undefined],
      );
    });

    test("[trace/W6] items no reducer takes are left out of requests, too", async () => {
      await using folder = await temporaryDirectory();
      const recording = Recording.start(folder.path, schema);
      recording.exchange("resp_1", [
        { type: "message", role: "critic", content: [{ type: "output_text", text: "odd" }] },
        { type: "reasoning", summary: [] },
        { type: "context_compaction" },
        { type: "agent_message", author: "/a", recipient: "/b", content: [] },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "even" }] },
      ]);
      recording.exchange("resp_2", []);
      recording.close();
      await reduce(folder.path);
      expect(inputs(folder.path).at(-1)).toMatchObject([{ role: "user" }, { role: "assistant" }]);
    });
  },
);
