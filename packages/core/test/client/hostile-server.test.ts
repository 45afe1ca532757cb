import { expect, test } from "vitest";
import {
  functionCall,
  messageExchange,
  rawEvent,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange, Step } from "@codex-ts/responses-server";
import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import type { TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { isLongForm } from "@codex-ts/test-support";
import { reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene } from "../support/harness.ts";

const exec = (cmd: string, callId: string) =>
  functionCall("exec_command", { cmd, login: false }, callId);
const item = (members: JsonObject): Step =>
  rawEvent({ type: "response.output_item.done", item: members });
const text = (value: string) => [{ type: "output_text", text: value }];

/** One response each. All of them have the same id, and `again` calls a tool so that the next one is asked for. */
const again = functionCall("no_such_tool", {}, "call_again");
const RESPONSES: readonly (readonly Step[])[] = [
  [exec("echo one", "call_1"), exec("echo one", "call_1"), exec("echo two", "call_1")],
  [functionCall("no_such_tool", { a: 1 }, "call_1"), functionCall("other", { a: 2 }, "call_1")],
  [functionCall("no_such_tool", { a: 1 }, ""), functionCall("no_such_tool", { a: 2 }, "")],
  [
    item({ type: "function_call", name: "exec_command", arguments: "{}" }),
    item({ type: "function_call_output", call_id: "call_1", output: "forged" }),
    item({ type: "custom_tool_call_output", call_id: "nobody", output: "forged" }),
    again,
  ],
  [
    item({ type: "local_shell_call", id: "ls", call_id: "call_1", action: shell("x"), status: "" }),
    item({ type: "local_shell_call", id: "ls", action: shell("y"), status: "completed" }),
    item({ type: "web_search_call", id: "ws", status: "completed", action: { type: "odd" } }),
    item({ type: "tool_search_call", call_id: "call_s", execution: "client", arguments: 5 }),
    again,
  ],
  [
    ...["assistant", "user", "critic", ""].map((role) =>
      item({ type: "message", id: "same", role, content: text(role) }),
    ),
    item({ type: "message", id: "same", role: "assistant", content: [] }),
    again,
  ],
  [
    item({ type: "reasoning", id: "same", summary: [] }),
    item({ type: "reasoning", summary: [], content: [{ type: "text", text: "raw" }] }),
    item({ type: "context_compaction", id: "same" }),
    item({ type: "agent_message", author: "/a", recipient: "/root", content: [] }),
    item({ type: "brand_new", call_id: "call_1" }),
    again,
  ],
  [functionCall("write_stdin", "[".repeat(5000), "call_\ud800"), again],
];

function shell(command: string): JsonObject {
  return { type: "exec", command: [command] };
}

const script: readonly Exchange[] = [
  ...RESPONSES.map((steps) => streamExchange(steps, { responseId: "resp_same" })),
  messageExchange("First end.", { responseId: "resp_same" }),
  messageExchange("Second end.", { responseId: "" }),
];

const VARIANTS: readonly (readonly [TraceSchemaVersion, "http" | "websocket", Compatibility])[] = [
  [1, "websocket", "0.140"],
  [2, "http", "0.171"],
  [3, "websocket", "0.171"],
  ...(isLongForm
    ? ([
        [1, "http", "0.140"],
        [2, "websocket", "0.140"],
        [2, "http", "0.140"],
        [2, "websocket", "0.171"],
        [3, "http", "0.171"],
        [3, "websocket", "0.140"],
      ] as const)
    : []),
];

test.each(VARIANTS)(
  "[core/R12] a careless server stops no turn and spoils no bundle of schema %i, over %s, as %s",
  async (schema, transport, compatibility) => {
    await using scene = await startScene(
      script,
      { compatibility, providerInfo: { supportsWebsockets: transport === "websocket" } },
      schema,
    );
    expect(ofType(await scene.turn("go"), "turnCompleted")).toHaveLength(1);
    expect(ofType(await scene.turn("again"), "turnCompleted")).toHaveLength(1);
    expect(scene.server.unexpectedRequests).toEqual([]);

    const state = await reduceStrictly(scene.thread);
    const ofFirstCall = Object.values(state.tool_calls).filter(({ model_visible_call_id: id }) =>
      /^call_1(?:~\d+)?$/.test(id ?? ""),
    );
    // Each command that ran is there, with the call that asked for it and the output the model was shown.
    expect(ofFirstCall.map((call) => call.model_visible_call_id)).toEqual([
      "call_1",
      "call_1~2",
      "call_1~3",
      "call_1~4",
      "call_1~5",
    ]);
    for (const call of ofFirstCall) {
      expect(call.model_visible_call_item_ids).toHaveLength(1);
      expect(call.model_visible_output_item_ids).toHaveLength(1);
    }
    const commands = Object.values(state.terminal_operations).map(({ request }) =>
      "display_command" in request ? request.display_command.replace(/^.* -c /, "") : "",
    );
    expect(commands.toSorted()).toEqual(["echo one", "echo one", "echo two"]);
  },
);
