import { rm, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { CoreError, createThread } from "@codex-ts/core";
import {
  created,
  errorExchange,
  functionCall,
  hang,
  message,
  messageExchange,
  streamExchange,
  textDelta,
} from "@codex-ts/responses-server";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { readRawBundle, reduceStrictly } from "../support/bundle.ts";
import { ofType, startScene, testModel, testProvider } from "../support/harness.ts";

const running = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => /Timeout|ProcessWrap|PipeWrap/.test(name));

describe("stopping a turn", () => {
  test("[core/T4-text] an abort in the middle of a text keeps finished items, marks the turn and lets the next one go on", async () => {
    await using scene = await startScene([
      { events: [created(), message("First item.", "msg_1"), textDelta("half a sen"), hang()] },
      messageExchange("Going on."),
    ]);
    const abort = new AbortController();
    const events = [];
    for await (const event of scene.thread.runTurn("talk", { signal: abort.signal })) {
      events.push(event);
      if (event.type === "agentMessageDelta") abort.abort();
    }
    expect(events.at(-1)?.type).toBe("turnAborted");
    expect(ofType(events, "inferenceFinished")[0]?.inference.status).toBe("cancelled");
    await scene.turn("go on");
    const input = JSON.stringify(scene.server.requests[1]?.body);
    expect(input).toContain("First item.");
    expect(input).not.toContain("half a sen");
    expect(input).toMatch(/<turn_aborted>.*<\/turn_aborted>/);
    const state = await reduceStrictly(scene.thread);
    expect(Object.values(state.codex_turns).map((turn) => turn.execution.status)).toEqual([
      "cancelled",
      "completed",
    ]);
  });

  test.each([
    ["0.140", /^aborted by user after \d+\.\ds$/, "cancelled"],
    ["0.171", /^Wall time: \d+\.\d seconds\naborted by user$/, "aborted"],
  ] as const)(
    "[core/T4-tool] an abort kills the running command, and its call is answered, as in %s",
    async (compatibility, text, status) => {
      await using scene = await startScene(
        [
          streamExchange([
            functionCall("exec_command", { cmd: "touch up; sleep 60", login: false }, "call_1"),
          ]),
          messageExchange("Fine."),
        ],
        { compatibility },
      );
      const abort = new AbortController();
      const events = [];
      for await (const event of scene.thread.runTurn("go", { signal: abort.signal })) {
        events.push(event);
        if (event.type === "itemStarted") abort.abort();
      }
      expect(events.at(-1)?.type).toBe("turnAborted");
      expect(ofType(events, "itemCompleted")[0]?.item).toMatchObject({ exit_code: 137 });
      await scene.turn("again");
      const output = expect.stringMatching(text) as string;
      expect(scene.server.requests[1]?.body).toMatchObject({
        input: expect.arrayContaining([expect.objectContaining({ output })]) as object[],
      });
      const state = await reduceStrictly(scene.thread);
      expect(Object.values(state.tool_calls)).toMatchObject([{ execution: { status } }]);
    },
  );

  test("[core/T4-wait] an abort ends the wait before a retry", async () => {
    const abort = new AbortController();
    await using scene = await startScene([errorExchange(500)], {
      providerInfo: { requestMaxRetries: 0 },
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason as Error));
          abort.abort();
        }),
    });
    const events = await scene.turn("go", { signal: abort.signal });
    expect(events.at(-1)?.type).toBe("turnAborted");
    expect(scene.server.requests).toHaveLength(1);
  });

  test("[core/T4-before] an abort before the turn sends nothing", async () => {
    await using scene = await startScene([]);
    const events = await scene.turn("go", { signal: AbortSignal.abort() });
    expect(events.map((event) => event.type)).toEqual([
      "turnStarted",
      "rawItem",
      "rawItem",
      "rawItem",
      "turnAborted",
    ]);
    expect(scene.server.requests).toEqual([]);
  });

  test("[core/T4-dispose] disposing, leaving and closing have the effect of an abort", async () => {
    const stuck = { events: [created(), message("One."), hang()] };
    await using scene = await startScene([stuck, stuck, stuck]);
    {
      await using turn = scene.thread.runTurn("dispose");
      await turn[Symbol.asyncIterator]().next();
    }
    for await (const event of scene.thread.runTurn("leave")) {
      if (event.type === "inferenceStarted") break;
    }
    let closing: Promise<void> | undefined;
    let lastType: string | undefined;
    for await (const event of scene.thread.runTurn("close")) {
      lastType = event.type;
      if (event.type === "itemCompleted") closing = scene.thread.close();
    }
    expect(lastType).toBe("turnAborted");
    await closing;
    const ended = readRawBundle(scene.thread.bundlePath).of("codex_turn_ended");
    expect(ended.map((event) => event.status)).toEqual(["cancelled", "cancelled", "cancelled"]);
  });

  test("[core/T4-handles] leaves no timer, process or pipe behind", async () => {
    const before = running();
    {
      await using scene = await startScene([
        streamExchange([
          functionCall("exec_command", { cmd: "sleep 60", yield_time_ms: 250 }, "c"),
        ]),
        messageExchange("Running."),
        { events: [created(), hang()] },
      ]);
      await scene.turn("go");
      for await (const event of scene.thread.runTurn("leave")) {
        if (event.type === "inferenceStarted") break;
      }
    }
    await waitFor(() => running().length <= before.length);
    expect(running().length).toBeLessThanOrEqual(before.length);
  });

  test("[core/T4-unread] closing ends a turn that nobody reads, however much it has to say", async () => {
    await using scene = await startScene([
      { events: [created(), ...Array.from({ length: 4000 }, () => textDelta("word ")), hang()] },
    ]);
    const turn = scene.thread.runTurn("talk");
    await scene.server.waitForRequest(1);
    await scene.thread.close();
    const types = new Set<string>();
    for await (const event of turn) types.add(event.type);
    expect(types).toContain("turnAborted");
  });

  test("[core/T14] refuses a second turn at once, a turn after close, and a relative directory", async () => {
    await using scene = await startScene([{ events: [created(), hang()] }]);
    await using first = scene.thread.runTurn("one");
    expect(first.turnId).toMatch(/^[0-9a-f-]{36}$/);
    const code = (action: () => unknown): string | undefined => {
      try {
        action();
        return undefined;
      } catch (error) {
        return CoreError.is(error) ? error.code : "other";
      }
    };
    expect(code(() => scene.thread.runTurn("two"))).toBe("turn_running");
    await scene.thread.close();
    await scene.thread.close();
    expect(code(() => scene.thread.runTurn("three"))).toBe("thread_closed");
    await expect(
      createThread({
        provider: testProvider(scene.server.url),
        model: "m",
        cwd: "relative",
        installationId: "i",
      }),
    ).rejects.toMatchObject({ code: "invalid_option" });
  });
});

describe("recording", () => {
  test("[core/R5] a trace directory that cannot be written gives a warning and the turn goes on", async () => {
    await using directory = await temporaryDirectory();
    await writeFile(`${directory.path}/file`, "");
    await using scene = await startScene([messageExchange("Hi.")], {
      trace: { root: `${directory.path}/file/traces` },
    });
    const events = await scene.turn("go");
    expect(scene.thread.bundlePath).toBeUndefined();
    expect(ofType(events, "warning")[0]?.message).toMatch(/^rollout trace is off: /);
    expect(ofType(events, "inferenceStarted")[0]?.inference.inferenceCallId).toBeUndefined();
    expect(events.at(-1)?.type).toBe("turnCompleted");
    expect(
      scene.server.requests[0]?.headers.some(([name]) => name === "x-codex-inference-call-id"),
    ).toBe(false);
  });

  test("[core/R5] a bundle that is taken away does not end the turn", async () => {
    await using scene = await startScene([messageExchange("Hi."), messageExchange("Again.")]);
    await scene.turn("one");
    await rm(`${scene.thread.bundlePath}/payloads`, { recursive: true });
    const events = await scene.turn("two");
    expect(events.at(-1)?.type).toBe("turnCompleted");
    expect(ofType(events, "warning")).toHaveLength(1);
  });

  test("[core/R6] the id of an attempt is in its trace and in its header", async () => {
    await using scene = await startScene([messageExchange("Hi.")]);
    const events = await scene.turn("go");
    const id = ofType(events, "inferenceStarted")[0]?.inference.inferenceCallId;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(scene.server.requests[0]?.headers).toContainEqual(["x-codex-inference-call-id", id]);
    expect(readRawBundle(scene.thread.bundlePath).of("inference_started")[0]).toMatchObject({
      inference_call_id: id,
      model: "gpt-mock",
      provider_name: "mock",
    });
  });

  test("[core/R7] no secret of the request reaches the bundle or an event", async () => {
    await using scene = await startScene([errorExchange(401)], {
      providerInfo: { requestMaxRetries: 0, streamMaxRetries: 0 },
    });
    const events = await scene.turn("go");
    const bundle = readRawBundle(scene.thread.bundlePath);
    expect(JSON.stringify([events, bundle.events])).not.toContain("sk-mock-key");
  });

  test("[core/R8] protocol events say what happened to the thread and its turns", async () => {
    await using scene = await startScene([messageExchange("Hi.")], { model: testModel() });
    await scene.turn("go");
    await scene.thread.close();
    const bundle = readRawBundle(scene.thread.bundlePath);
    const observed = bundle
      .of("protocol_event_observed")
      .map((event) => [event.event_type, bundle.payload(event.event_payload)] as const);
    expect(observed.map(([type]) => type)).toEqual([
      "session_configured",
      "turn_started",
      "turn_complete",
      "shutdown_complete",
    ]);
    expect(observed[0]?.[1]).toMatchObject({
      model: "gpt-mock",
      model_provider_id: "mock",
      approval_policy: "never",
      permission_profile: { type: "disabled" },
    });
    expect(observed[1]?.[1]).toMatchObject({ type: "task_started", model_context_window: 258_400 });
    expect(observed[2]?.[1]).toMatchObject({ type: "task_complete", last_agent_message: "Hi." });
  });
});
