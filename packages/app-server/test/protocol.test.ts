import { PassThrough } from "node:stream";
import { createAppServer } from "@codex-ts/app-server";
import type { AppServerHost } from "@codex-ts/app-server";
import { hang, messageExchange, streamExchange } from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { startScene } from "./support/client.ts";
import { GENERATIONS } from "./support/generations.ts";

describe.each(GENERATIONS)("as %s", (compatibility) => {
  test("[app-server/P1] a client introduces itself, once, before anything else", async () => {
    await using scene = await startScene({ compatibility, isRaw: true });
    const early = await scene.request("model/list", {});
    expect(early.error).toEqual({ code: -32_600, message: "Not initialized" });
    const clientInfo = { name: "probe", title: null, version: "2.0.0" };
    const first = await scene.request("initialize", { clientInfo });
    expect(first.result).toMatchObject({
      userAgent: `probe/${compatibility}.0`,
      codexHome: scene.home,
    });
    scene.send({ method: "initialized" });
    await scene.waitFor(({ method }) => method === "remoteControl/status/changed", "the status");
    const again = await scene.request("initialize", { clientInfo });
    expect(again.error).toEqual({ code: -32_600, message: "Already initialized" });
  });

  test("[app-server/P11] a name that no header may hold is refused, and so is a configuration", async () => {
    const threadOptions = async (): Promise<never> => {
      throw new Error("model_context_window: expected a number");
    };
    await using scene = await startScene({ compatibility, isRaw: true, host: { threadOptions } });
    const clientInfo = { name: "a\nb", title: null, version: "1.0.0" };
    const refused = await scene.request("initialize", { clientInfo });
    expect(refused.error).toEqual({
      code: -32_600,
      message: "Invalid clientInfo.name: 'a\nb'. Must be a valid HTTP header value.",
    });
    const named = await scene.request("initialize", { clientInfo: { ...clientInfo, name: "é" } });
    expect(named.error).toBeUndefined();
    const { error } = await scene.request("thread/start", {});
    expect(error).toEqual({ code: -32_600, message: "model_context_window: expected a number" });
  });

  test("[app-server/P2] a method of the other generation, or of none, is an error", async () => {
    await using scene = await startScene({ compatibility });
    const threadId = await scene.startThread();
    const other = compatibility === "0.171" ? "thread/rollback" : "thread/revert";
    const params = { threadId, numTurns: 1, beforeTurnId: "x" };
    for (const method of ["nothing/here", other]) {
      const { error } = await scene.request(method, params);
      expect(error).toMatchObject({ code: -32_600 });
      expect(error?.message).toContain(`unknown method \`${method}\``);
    }
  });

  test("[app-server/P3] notifications a client does not want are not sent", async () => {
    const script = [messageExchange("hi")];
    await using scene = await startScene({ compatibility, script, isRaw: true });
    const clientInfo = { name: "probe", title: null, version: "2.0.0" };
    const optOutNotificationMethods = ["item/agentMessage/delta", "thread/started"];
    await scene.request("initialize", { clientInfo, capabilities: { optOutNotificationMethods } });
    const threadId = await scene.startThread();
    await scene.turn(threadId, "hi");
    const methods = scene.messages.map(({ method }) => method);
    expect(methods).not.toContain("item/agentMessage/delta");
    expect(methods).not.toContain("thread/started");
    expect(methods).toContain("item/completed");
  });

  test("[app-server/P4] only today's Codex says when it sent a notification", async () => {
    await using scene = await startScene({ compatibility });
    await scene.startThread();
    const started = await scene.waitFor(({ method }) => method === "thread/started", "the thread");
    expect("emittedAtMs" in started).toBe(compatibility === "0.171");
    expect("jsonrpc" in started).toBe(false);
  });
});

test.each([
  ["no JSON", "{", -32_700, null],
  ["not an object", "[1]", -32_600, null],
  ["no method", "{}", -32_600, null],
  ["an id that is none", '{"id":1.5,"method":"model/list"}', -32_600, null],
  ["an id alone", '{"id":"x"}', -32_600, "x"],
  ["no parameters", '{"id":7,"method":"thread/start"}', -32_600, 7],
  [
    "parameters of a wrong type",
    '{"id":8,"method":"turn/start","params":{"threadId":5}}',
    -32_600,
    8,
  ],
])("[app-server/P5] %s: an error, and the next line counts", async (_what, line, code, id) => {
  await using scene = await startScene();
  scene.write(`${line}\n`);
  const answer = await scene.waitFor(({ error }) => error !== undefined, "the error");
  expect(answer).toMatchObject({ id, error: { code } });
  expect((await scene.request("thread/loaded/list", {})).result).toMatchObject({ data: [] });
});

test("[app-server/P6] bytes that are not UTF-8 are refused as a line, whatever they would decode to", async () => {
  await using scene = await startScene();
  const line = Buffer.from(
    '{"id":1,"method":"thread/name/set","params":{"name":"\xff"}}\n',
    "latin1",
  );
  scene.write(line);
  const { error, id } = await scene.waitFor((message) => message.error !== undefined, "the error");
  expect(id).toBeNull();
  expect(error?.message).toContain("not UTF-8");
});

test("[app-server/P7] a line that is too long is given up, and the next one counts", async () => {
  await using scene = await startScene();
  const chunk = Buffer.alloc(8 * 1024 * 1024, "x");
  for (let written = 0; written <= 64 * 1024 * 1024; written += chunk.length) scene.write(chunk);
  scene.write("\n");
  const { error } = await scene.waitFor((message) => message.error !== undefined, "the error");
  expect(error?.message).toContain("longer than");
  expect((await scene.request("thread/loaded/list", {})).error).toBeUndefined();
});

test("[app-server/P8] a client that does not read is not read from, and holds up its turns alone", async () => {
  const parts = Array.from({ length: 3000 }, (_, index) => `part ${index} `.repeat(20));
  await using scene = await startScene({ script: [messageExchange(parts)] });
  const threadId = await scene.startThread();
  scene.output.pause();
  const input = [{ type: "text", text: "hi" }];
  scene.send({ id: "turn", method: "turn/start", params: { threadId, input } });
  await waitFor(() => scene.output.writableNeedDrain, { what: "a full output" });
  const held = scene.output.writableLength;
  // Many more requests than the reader has room for: they stay where they are.
  for (let index = 0; index < 2000; index += 1) {
    scene.send({ id: `list-${index}`, method: "model/list", params: {} });
  }
  await new Promise((resolve) => {
    setTimeout(resolve, 200);
  });
  expect(scene.output.writableLength).toBeLessThan(held + 4 * 1024 * 1024);
  scene.output.resume();
  await scene.waitFor(({ id }) => id === "list-1999", "the last answer");
  await scene.waitFor(({ method }) => method === "turn/completed", "the end of the turn");
  const text = scene.messages
    .filter(({ method }) => method === "item/agentMessage/delta")
    .map(({ params }) => params.delta as string)
    .join("");
  expect(text).toBe(parts.join(""));
});

test("[app-server/P9] a client that leaves ends its turns; their sessions can be gone on with", async () => {
  const call = streamExchange([hang()]);
  const scene = await startScene({ script: [call, messageExchange("again")] });
  const threadId = await scene.startThread();
  await scene.request("turn/start", { threadId, input: [{ type: "text", text: "hi" }] });
  await waitFor(() => scene.api.requests.length === 1, { what: "the request" });
  await scene.leave();
  await using next = await scene.reconnect();
  const resumed = await next.request("thread/resume", { threadId });
  expect(resumed.result.thread.turns).toMatchObject([{ status: "interrupted" }]);
  await next.turn(threadId, "and?");
});

test("[app-server/P10] an output that breaks ends it, too, and so does a signal", async () => {
  for (const end of ["output", "signal"] as const) {
    const input = new PassThrough();
    const output = new PassThrough();
    const stop = new AbortController();
    const served = createAppServer({
      host: {} as AppServerHost,
      codexHome: "/nowhere",
      cwd: "/",
      installationId: "11111111-1111-4111-8111-111111111111",
    }).serve({ input, output }, { signal: stop.signal });
    if (end === "output") output.destroy(new Error("gone"));
    else stop.abort();
    await served;
    expect(input.destroyed).toBe(true);
  }
});
