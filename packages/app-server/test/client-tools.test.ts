import { readFileSync, writeFileSync } from "node:fs";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { startScene } from "./support/client.ts";
import type { ServerMessage } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

const weather = {
  name: "weather",
  description: "Tells the weather of a city.",
  inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

const call = (city: string, callId: string) =>
  functionCallExchange({ name: "weather", args: { city }, callId });

function answer({ params }: ServerMessage): object | undefined {
  const text = (words: string): object[] => [{ type: "inputText", text: words }];
  switch (params.arguments.city) {
    case "Rome":
      return { result: { contentItems: text("sunny"), success: true } };
    case "Atlantis":
      return { result: { contentItems: text("no such city"), success: false } };
    case "Nowhere":
      return { error: { code: -1, message: "boom" } };
    case "Babel":
      return { result: { weather: "?" } };
    default:
      return undefined;
  }
}

describe.each(GENERATIONS)("as %s", (compatibility) => {
  test.each([
    ["Rome", "sunny", true],
    ["Atlantis", "no such city", false],
    ["Nowhere", "dynamic tool request failed", false],
    ["Babel", "dynamic tool response was invalid", false],
  ])("[app-server/D1] the client runs a tool of its own: %s", async (city, output, success) => {
    const script = [call(city, "c1"), messageExchange("done")];
    await using scene = await startScene({ compatibility, script, onRequest: answer });
    const threadId = await scene.startThread({ dynamicTools: [weather] });
    const messages = await scene.turn(threadId, "hi");
    const asked = messages.find(({ method }) => method === "item/tool/call");
    expect(asked?.params).toMatchObject({
      threadId,
      callId: "c1",
      tool: "weather",
      arguments: { city },
    });
    const ended = messages.find(
      ({ method, params }) => method === "item/completed" && params.item.type === "dynamicToolCall",
    );
    expect(ended?.params.item).toMatchObject({
      id: "c1",
      tool: "weather",
      success,
      status: success ? "completed" : "failed",
      contentItems: [{ type: "inputText", text: output }],
    });
    const [first, second] = scene.api.requests.map(({ body }) => JSON.stringify(body));
    expect(first).toContain("Tells the weather of a city.");
    expect(second).toContain(output);
  });

  test("[app-server/kept-tools] a session that is gone on with, or forked, has the tools it began with", async () => {
    const script = ["1", "2", "3"].map((text) => messageExchange(text));
    await using scene = await startScene({ compatibility, script, onRequest: answer });
    const threadId = await scene.startThread({ dynamicTools: [weather] });
    await scene.turn(threadId, "hi");
    const { result: forked } = await scene.request("thread/fork", { threadId });
    await scene.turn(forked.thread.id as string, "and here");
    await scene.request("thread/archive", { threadId });
    await scene.request("thread/unarchive", { threadId });
    await scene.request("thread/resume", { threadId });
    await scene.turn(threadId, "again");
    const offered = scene.api.requests.map(({ body }) =>
      JSON.stringify(body).includes("Tells the weather of a city."),
    );
    expect(offered).toEqual([true, true, true]);
    const [line = ""] = readFileSync(forked.thread.path as string, "utf8").split("\n");
    const own = { name: "weather", description: weather.description };
    expect(JSON.parse(line)).toMatchObject({
      payload: {
        dynamic_tools: [
          compatibility === "0.171"
            ? { type: "function", ...own }
            : { ...own, deferLoading: false },
        ],
      },
    });
  });

  test("[app-server/kept-tools] tools of a session that cannot be offered here are left out", async () => {
    const script = ["1", "2"].map((text) => messageExchange(text));
    await using scene = await startScene({ compatibility, script, onRequest: answer });
    const threadId = await scene.startThread({ dynamicTools: [weather] });
    await scene.turn(threadId, "hi");
    const { result: read } = await scene.request("thread/read", { threadId });
    await scene.request("thread/archive", { threadId });
    await scene.request("thread/unarchive", { threadId });
    const path = read.thread.path as string;
    const [line = "", ...rest] = readFileSync(path, "utf8").split("\n");
    const meta = JSON.parse(line) as { payload: { dynamic_tools: unknown[] } };
    meta.payload.dynamic_tools.unshift(
      5,
      { ...weather, name: "the weather" },
      { ...weather, name: "odd", inputSchema: { type: "null" } },
    );
    writeFileSync(path, [JSON.stringify(meta), ...rest].join("\n"));
    await scene.request("thread/resume", { threadId });
    await scene.turn(threadId, "again");
    const last = JSON.stringify(scene.api.requests.at(-1)?.body);
    expect(last).toContain('"weather"');
    expect(last).not.toContain('"odd"');
  });

  test("[app-server/D2] an interruption does not wait for the client's answer", async () => {
    const script = [call("Silence", "c1")];
    await using scene = await startScene({ compatibility, script, onRequest: answer });
    const threadId = await scene.startThread({ dynamicTools: [weather] });
    const input = [{ type: "text", text: "hi" }];
    const { result } = await scene.request("turn/start", { threadId, input });
    const turnId = result.turn.id as string;
    await scene.waitFor(({ method }) => method === "item/tool/call", "the call");
    await scene.request("turn/interrupt", { threadId, turnId });
    const end = await scene.turnEnd(turnId);
    expect(end.params.turn.status).toBe("interrupted");
  });
});

test.each([
  ["a name that no request can have", { ...weather, name: "the weather" }, "must match"],
  ["a name that is taken", { ...weather, name: "exec_command" }, "exec_command"],
  ["a schema of nothing", { ...weather, inputSchema: { type: "null" } }, "weather"],
  ["a group of nothing", { ...weather, type: "namespace" }, "dynamicTools.0.tools"],
])(
  "[app-server/D3] a tool that cannot work is refused with its thread: %s",
  async (_, tool, words) => {
    await using scene = await startScene();
    const { error } = await scene.request("thread/start", { dynamicTools: [tool] });
    expect(error?.message).toContain(words);
    expect((await scene.request("thread/loaded/list", {})).result.data).toEqual([]);
  },
);
