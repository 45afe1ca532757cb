import { describe, expect, test } from "vitest";
import {
  created,
  disconnect,
  errorExchange,
  functionCall,
  functionCallExchange,
  hang,
  message,
  messageExchange,
  reasoning,
  streamExchange,
} from "@codex-ts/responses-server";
import { conversationOf, endsOf, inferencesOf, reduceStrictly } from "./support/bundle.ts";
import { startScene } from "./support/harness.ts";
import { hurry } from "./support/hurry.ts";

describe("the reduced trace of a thread", () => {
  test("[core/S0-8] has the true upstream id on every completed inference, beside the response id", async () => {
    await using scene = await startScene([
      functionCallExchange(
        { name: "exec_command", args: { cmd: "echo one", login: false }, callId: "call_1" },
        { requestId: "req_first", responseId: "resp_first" },
      ),
      messageExchange("Done.", { requestId: "req_second", responseId: "resp_second" }),
    ]);
    await scene.turn("go");
    const state = await reduceStrictly(scene.thread);
    expect(endsOf(state)).toEqual([
      ["completed", "resp_first", "req_first", 1],
      ["completed", "resp_second", "req_second", 1],
    ]);
    expect(Object.values(state.tool_calls)).toMatchObject([
      { model_visible_call_id: "call_1", execution: { status: "completed" } },
    ]);
    expect(Object.values(state.terminal_operations)).toHaveLength(1);
    expect(state.status).toBe("completed");
  });

  test("[core/R1] ends a thread's conversation with the final message", async () => {
    await using scene = await startScene([
      streamExchange([
        reasoning({ summary: ["Think."], id: "rs_1" }),
        functionCall("exec_command", { cmd: "echo one", login: false }, "call_1"),
      ]),
      messageExchange("The answer."),
    ]);
    await scene.turn("the question");
    const conversation = conversationOf(await reduceStrictly(scene.thread));
    expect(conversation.at(-1)).toBe("The answer.");
    expect(conversation[1]).toBe("the question");
    expect(conversation.slice(2, -1)).toEqual([
      "reasoning",
      "function_call",
      expect.stringContaining("Output:\none\n"),
    ]);
  });

  test("[core/R2] has failed, cancelled and refused inferences with ids and partial items", async () => {
    await using scene = await startScene(
      [
        { requestId: "req_cut", events: [created(), message("Half.", "msg_half"), disconnect()] },
        messageExchange("Whole.", { requestId: "req_whole", responseId: "resp_whole" }),
        errorExchange(400, { requestId: "req_400" }),
        { requestId: "req_left", events: [created(), message("One.", "msg_one"), hang()] },
        messageExchange("Last.", { requestId: "req_last", responseId: "resp_last" }),
      ],
      { providerInfo: { streamMaxRetries: 1, requestMaxRetries: 0 } },
    );
    await scene.turn("a");
    await scene.turn("b");
    for await (const event of scene.thread.runTurn("c")) if (event.type === "itemCompleted") break;
    await scene.turn("d");
    const state = await reduceStrictly(scene.thread);
    expect(endsOf(state)).toEqual([
      ["failed", null, "req_cut", 1],
      ["completed", "resp_whole", "req_whole", 1],
      ["failed", null, "req_400", 0],
      ["cancelled", null, "req_left", 1],
      ["completed", "resp_last", "req_last", 1],
    ]);
    expect(Object.values(state.codex_turns).map((turn) => turn.execution.status)).toEqual([
      "completed",
      // As 0.140 calls a failed turn.
      "completed",
      "cancelled",
      "completed",
    ]);
    expect(conversationOf(state).at(-1)).toBe("Last.");
  });

  test("[core/R3] reduces from schema 1 as well", async () => {
    await using scene = await startScene(
      [
        functionCallExchange({
          name: "exec_command",
          args: { cmd: "exit 3", login: false },
          callId: "call_1",
        }),
        messageExchange("Failed."),
      ],
      {},
      1,
    );
    await scene.turn("go");
    const state = await reduceStrictly(scene.thread);
    expect(inferencesOf(state)).toHaveLength(2);
    // The command failed, the call that ran it did not.
    expect(Object.values(state.tool_calls)).toMatchObject([{ execution: { status: "completed" } }]);
    expect(Object.values(state.terminal_operations)).toMatchObject([
      { execution: { status: "failed" }, result: { exit_code: 3 } },
    ]);
  });

  test("[core/R4] records the end of a background command when it ends", async () => {
    await using scene = await startScene([
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "echo up; sleep 60", login: false, yield_time_ms: 250 },
        callId: "call_1",
      }),
      messageExchange("Running."),
    ]);
    await hurry(() => scene.turn("go"));
    const state = await reduceStrictly(scene.thread);
    expect(Object.values(state.terminal_operations)).toMatchObject([
      { execution: { status: "failed" }, result: { exit_code: 137 } },
    ]);
  });
});
