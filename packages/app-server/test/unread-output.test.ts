import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { expect, test } from "vitest";
import { functionCallExchange } from "@codex-ts/responses-server";
import { LineWriter } from "../src/connection/line-writer.ts";
import { ReadAhead } from "../src/connection/read-ahead.ts";
import { Connection } from "../src/connection/connection.ts";
import { startScene } from "./support/client.ts";

/** An output that nobody reads. */
function unread(): Writable {
  return new Writable({ highWaterMark: 16, write: () => undefined });
}

test("[app-server/R3] a client that leaves without having read what it asked for is given up after five seconds", async () => {
  const input = new PassThrough();
  const output = unread();
  const connection = new Connection({ input, output });
  const served = connection.serve({
    request: () => ({ answer: "x".repeat(100) }),
    notification: () => undefined,
  });
  for (let id = 0; id < 1000; id += 1) {
    input.write(`${JSON.stringify({ id, method: "m", params: {} })}\n`);
  }
  const beginMs = Date.now();
  input.end();
  await served;
  expect(Date.now() - beginMs).toBeGreaterThan(4000);
  expect(output.destroyed).toBe(true);
  // The first answer waits to be read, and no line after it was taken.
  expect(output.writableLength).toBeLessThan(1000);
}, 20_000);

test("[app-server/R4] of an input nobody takes lines of little is read, and its end is noticed", async () => {
  const input = new PassThrough({ highWaterMark: 64 * 1024 });
  let hasEnded = false;
  const ahead = new ReadAhead(input, () => {
    hasEnded = true;
  });
  const chunk = Buffer.alloc(256 * 1024);
  for (let count = 0; count < 16; count += 1) input.write(chunk);
  await new Promise(setImmediate);
  expect(input.isPaused()).toBe(true);
  input.end();
  let bytes = 0;
  for await (const part of ahead) bytes += part.length;
  expect(bytes).toBe(16 * chunk.length);
  expect(hasEnded).toBe(true);
});

test("[app-server/R5] an abandoned output takes nothing more", async () => {
  const output = unread();
  let isLost = false;
  const writer = new LineWriter(output, () => {
    isLost = true;
  });
  writer.write({ text: "x".repeat(100) });
  const closed = once(output, "close");
  writer.abandon();
  await Promise.all([writer.ready(), closed]);
  writer.write({ text: "more" });
  expect(isLost).toBe(false);
});

test("[app-server/R6] a call of a client's tool is forgotten when its turn is interrupted", async () => {
  const script = [functionCallExchange({ name: "slow", args: {}, callId: "c1" })];
  await using scene = await startScene({ script });
  const tool = { name: "slow", description: "Never ends.", inputSchema: { type: "object" } };
  const threadId = await scene.startThread({ dynamicTools: [tool] });
  const input = [{ type: "text", text: "go" }];
  const { result } = await scene.request("turn/start", { threadId, input });
  const turnId = result.turn.id as string;
  const asked = await scene.waitFor(({ method }) => method === "item/tool/call", "the call");
  await scene.request("turn/interrupt", { threadId, turnId });
  await scene.turnEnd(turnId);
  const count = scene.messages.length;
  // Too late: nobody asks any more.
  scene.send({ id: asked.id, result: { contentItems: [], success: true } });
  await scene.request("thread/loaded/list", {});
  expect(scene.messages).toHaveLength(count + 1);
});
