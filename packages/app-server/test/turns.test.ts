import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  messageExchange,
  functionCallExchange,
  streamExchange,
  streamedReasoning,
  streamedMessage,
  errorExchange,
  hang,
  itemAdded,
  messageItem,
  textDelta,
} from "@codex-ts/responses-server";
import { GENERATIONS } from "./support/generations.ts";
import { describe, expect, test } from "vitest";
import { shape, startScene } from "./support/client.ts";

describe.each(GENERATIONS)("as %s", (compatibility) => {
  test("[app-server/A1] a turn is shown from its start to its end, in Codex's order", async () => {
    const script = [
      streamExchange([streamedReasoning({ summary: ["think"] }), streamedMessage(["He", "llo"])]),
    ];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const messages = await scene.turn(threadId, "hi");
    expect(shape(messages)).toEqual([
      "thread/status/changed active",
      "turn/started",
      "item/started userMessage",
      "item/completed userMessage",
      "item/started reasoning",
      "item/reasoning/summaryPartAdded",
      "item/reasoning/summaryTextDelta",
      "item/completed reasoning",
      "item/started agentMessage",
      "item/agentMessage/delta",
      "item/agentMessage/delta",
      "item/completed agentMessage",
      "thread/tokenUsage/updated",
      "account/rateLimits/updated",
      ...(compatibility === "0.171" ? ["thread/readState/changed"] : []),
      "thread/status/changed idle",
      "turn/completed",
    ]);
    const started = messages.find(({ method }) => method === "item/started");
    expect(started?.params.item.content).toEqual([{ type: "text", text: "hi", text_elements: [] }]);
    const ids = messages.map(({ params }) => params.item?.id ?? params.itemId);
    expect(new Set(ids.slice(8, 12)).size).toBe(1);
    const end = messages.at(-1)?.params.turn;
    expect(end).toMatchObject({ status: "completed", error: null });
    const isSummary = compatibility === "0.171";
    expect(end.itemsView).toBe(isSummary ? "summary" : "notLoaded");
    expect(end.items).toHaveLength(isSummary ? 1 : 0);
  });

  test("[app-server/N1] a plan is told whole, each time it changes, by the generation that has plans", async () => {
    const plan = [{ step: "look", status: "in_progress" }];
    const script = [
      functionCallExchange({
        name: "update_plan",
        args: { explanation: "first", plan },
        callId: "call_1",
      }),
      functionCallExchange({ name: "update_plan", args: { plan: "none" }, callId: "call_2" }),
      functionCallExchange({ name: "update_plan", args: { plan: [] }, callId: "call_3" }),
      messageExchange("Planned."),
    ];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const messages = await scene.turn(threadId, "go");
    const { turnId } = messages.find(({ method }) => method === "item/started")!.params;
    const told = messages.filter(({ method }) => method === "turn/plan/updated");
    const expected = [
      { explanation: "first", plan: [{ step: "look", status: "inProgress" }] },
      { explanation: null, plan: [] },
    ];
    expect(told.map(({ params }) => params)).toEqual(
      compatibility === "0.171" ? [] : expected.map((each) => ({ threadId, turnId, ...each })),
    );
  });

  test("[app-server/N2] a command says what it reads, lists and searches", async () => {
    const args = { cmd: "cd src && cat a.txt && rg foo lib | head; ls", login: false };
    const script = [
      functionCallExchange({ name: "exec_command", args, callId: "call_1" }),
      messageExchange("Done."),
    ];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const messages = await scene.turn(threadId, "go");
    const shown = messages.flatMap(({ params }) =>
      params.item?.type === "commandExecution" ? [params.item] : [],
    );
    const [{ cwd }] = shown;
    const actions = [
      { type: "read", command: "cat a.txt", name: "a.txt", path: `${cwd}/src/a.txt` },
      { type: "search", command: "rg foo lib", query: "foo", path: "lib" },
      { type: "listFiles", command: "ls", path: null },
    ];
    expect(shown.map(({ commandActions }) => commandActions)).toEqual([actions, actions]);
  });

  test("[app-server/A2] client metadata enriches the blob of the turn and overrides nothing", async () => {
    const script = [messageExchange("one"), messageExchange("two")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const responsesapiClientMetadata = { fiber: "f-1", turn_id: "stolen", thread_id: "stolen" };
    await scene.turn(threadId, "one", { responsesapiClientMetadata });
    await scene.turn(threadId, "two");
    const blobs = scene.api.requests.map(
      ({ body }) =>
        JSON.parse(
          (body as { client_metadata: Record<string, string> }).client_metadata[
            "x-codex-turn-metadata"
          ] ?? "{}",
        ) as Record<string, unknown>,
    );
    expect(blobs[0]).toMatchObject({ fiber: "f-1", thread_id: threadId });
    expect(blobs[0]?.["turn_id"]).not.toBe("stolen");
    expect(blobs[1]).not.toHaveProperty("fiber");
  });

  test("[app-server/A3] a failure is an error, and the end of its turn", async () => {
    const script = [errorExchange(400, { message: "no such thing" })];
    await using scene = await startScene({ compatibility, script });
    const messages = await scene.turn(await scene.startThread(), "hi");
    const error = messages.find(({ method }) => method === "error");
    expect(error?.params).toMatchObject({ willRetry: false, error: { codexErrorInfo: "other" } });
    expect(messages.at(-1)?.params.turn).toMatchObject({
      status: "failed",
      error: { message: error?.params.error.message as string },
    });
  });

  test("[app-server/A4] an interruption ends the turn, before it is answered or right after", async () => {
    const script = [
      streamExchange([itemAdded(messageItem("", { id: "m1" })), textDelta("He"), hang()]),
    ];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const input = [{ type: "text", text: "hi" }];
    const { result } = await scene.request("turn/start", { threadId, input });
    const turnId = result.turn.id as string;
    await scene.waitFor(({ method }) => method === "item/agentMessage/delta", "a delta");
    const wrong = await scene.request("turn/interrupt", { threadId, turnId: "other" });
    expect(wrong.error?.message).toContain("expected active turn id");
    await scene.request("turn/interrupt", { threadId, turnId });
    const end = await scene.turnEnd(turnId);
    expect(end.params.turn).toMatchObject({ status: "interrupted", error: null });
    const none = await scene.request("turn/interrupt", { threadId, turnId });
    expect(none.error?.message).toBe("no active turn to interrupt");
  });

  test("[app-server/A8] a turn is interrupted without its id; inputs that are none, or too long, are refused", async () => {
    await using scene = await startScene({ compatibility, script: [streamExchange([hang()])] });
    const threadId = await scene.startThread();
    const idle = await scene.request("turn/interrupt", { threadId, turnId: "" });
    expect(idle.result).toEqual({});
    const input = [{ type: "text", text: "hi" }];
    const { result } = await scene.request("turn/start", { threadId, input });
    const expectedTurnId = result.turn.id as string;
    const unnamed = await scene.request("turn/steer", { threadId, expectedTurnId: "", input });
    expect(unnamed.error?.message).toBe("expectedTurnId must not be empty");
    const empty = await scene.request("turn/steer", { threadId, expectedTurnId, input: [] });
    expect(empty.error?.message).toBe("input must not be empty");
    // Characters beyond 16 bits are one.
    const tooLong = ["x".repeat(1 << 20), "😀"].map((text) => ({ type: "text", text }));
    for (const params of [{ input: tooLong }, { expectedTurnId, input: tooLong }]) {
      const method = "expectedTurnId" in params ? "turn/steer" : "turn/start";
      const { error } = await scene.request(method, { threadId, ...params });
      expect(error).toMatchObject({
        code: -32_602,
        data: {
          input_error_code: "input_too_large",
          max_chars: 1_048_576,
          actual_chars: 1_048_577,
        },
      });
    }
    await scene.request("turn/interrupt", { threadId, turnId: "" });
    expect((await scene.turnEnd(expectedTurnId)).params.turn.status).toBe("interrupted");
  });

  test("[app-server/A5] an input for a thread whose turn runs goes to that turn", async () => {
    const call = { name: "exec_command", args: { cmd: "sleep 0.3; echo hi" }, callId: "c1" };
    const script = [functionCallExchange(call), messageExchange("both")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    const first = await scene.request("turn/start", {
      threadId,
      input: [{ type: "text", text: "a" }],
    });
    const turnId = first.result.turn.id as string;
    await scene.waitFor(({ params }) => params?.item?.type === "commandExecution", "the command");
    const second = await scene.request("turn/start", {
      threadId,
      input: [{ type: "text", text: "b" }],
    });
    expect(second.result.turn.id).toBe(turnId);
    const steered = await scene.request("turn/steer", {
      threadId,
      expectedTurnId: turnId,
      input: [{ type: "text", text: "c" }],
    });
    expect(steered.result).toEqual({ turnId });
    await scene.turnEnd(turnId);
    const said = scene.messages
      .filter(
        ({ method, params }) => method === "item/completed" && params.item.type === "userMessage",
      )
      .map(({ params }) => params.item.content[0].text as string);
    expect(said).toEqual(["a", "b", "c"]);
    expect(scene.messages.filter(({ method }) => method === "turn/started")).toHaveLength(1);
  });

  test("[app-server/A9] an input is shown and kept as its client gave it, with its id", async () => {
    const call = {
      name: "exec_command",
      args: { cmd: "until [ -e go ]; do sleep 0.05; done" },
      callId: "c1",
    };
    const script = [functionCallExchange(call), messageExchange("One.")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread({ cwd: scene.home });
    const element = { byteRange: { start: 3, end: 5 }, placeholder: "@x" };
    const mention = { type: "mention", name: "x", path: "/x" };
    const input = [
      { type: "text", text: "é @x", text_elements: [element] },
      mention,
      { type: "text", text: "é @x", text_elements: [element] },
    ];
    const first = { threadId, input, clientUserMessageId: "mine-1" };
    const { result } = await scene.request("turn/start", first);
    const turnId = result.turn.id as string;
    await scene.waitFor(({ params }) => params?.item?.type === "commandExecution", "the command");
    const second = { threadId, expectedTurnId: turnId, clientUserMessageId: "mine-2" };
    await scene.request("turn/steer", { ...second, input: [{ type: "text", text: "more" }] });
    writeFileSync(join(scene.home, "go"), "");
    await scene.turnEnd(turnId);
    const shown = scene.messages.flatMap(({ method, params }) =>
      method === "item/completed" && params.item.type === "userMessage" ? [params.item] : [],
    );
    expect(shown).toMatchObject([
      { clientId: "mine-1", content: input },
      { clientId: "mine-2", content: [{ text: "more", text_elements: [] }] },
    ]);
    const read = await scene.request("thread/read", { threadId, includeTurns: true });
    const [message] = read.result.thread.turns[0].items;
    const text = "é @xé @x";
    const later = { ...element, byteRange: { start: 8, end: 10 } };
    // Files of 0.140 keep the text alone, in one.
    const kept =
      compatibility === "0.171" ? input : [{ type: "text", text, text_elements: [element, later] }];
    expect(message).toMatchObject({ clientId: "mine-1", content: kept });
  });

  test("[app-server/A6] settings of a turn stay for those after it", async () => {
    const script = [messageExchange("one"), messageExchange("two")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "one", { model: "other-model", effort: "low" });
    await scene.turn(threadId, "two");
    expect(scene.api.requests.map(({ body }) => (body as { model: string }).model)).toEqual([
      "other-model",
      "other-model",
    ]);
    const updates = scene.messages.filter(({ method }) => method === "thread/settings/updated");
    expect(updates).toHaveLength(1);
    expect(updates[0]?.params.threadSettings).toMatchObject({
      model: "other-model",
      effort: "low",
    });
  });

  test("[app-server/A7] commands, and commands of the user", async () => {
    const call = { name: "exec_command", args: { cmd: "echo hi" }, callId: "c1" };
    const script = [functionCallExchange(call), messageExchange("done"), messageExchange("I see")];
    await using scene = await startScene({ compatibility, script });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "go");
    // On a busy machine the command may end after the turn that began it.
    const ended = await scene.waitFor(
      ({ method, params }) =>
        method === "item/completed" && params.item.type === "commandExecution",
      "the end of the command",
    );
    expect(ended.params.item).toMatchObject({
      id: "c1",
      source: "unifiedExecStartup",
      status: "completed",
      aggregatedOutput: "hi\n",
      exitCode: 0,
    });
    await scene.request("thread/shellCommand", { threadId, command: "echo of-user; exit 3" });
    const item = await scene.waitFor(
      ({ method, params }) => method === "item/completed" && params.item.source === "userShell",
      "the user's command",
    );
    expect(item.params.item).toMatchObject({ status: "failed", exitCode: 3 });
    await scene.turnEnd(item.params.turnId as string);
    await scene.turn(threadId, "and?");
    expect(scene.lastInput).toMatch(/<user_shell_command>.*of-user.*Exit code: 3/);
  });
});
