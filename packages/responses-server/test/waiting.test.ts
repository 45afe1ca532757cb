import { gate, messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { post, postForEvents } from "./support/post.ts";

const any = messageExchange("ok", { repeat: Infinity });

test("waits for the n-th request, past and future", async () => {
  await using server = await startResponsesServer({ script: [any] });
  const second = server.waitForRequest(2);
  await postForEvents(server, { body: { n: 1 } });
  await postForEvents(server, { body: { n: 2 } });
  expect((await second).body).toMatchObject({ n: 2 });
  expect((await server.waitForRequest(1)).body).toMatchObject({ n: 1 });
});

test("counts only the requests that are asked for", async () => {
  await using server = await startResponsesServer({ script: [any] });
  const wanted = server.waitForRequest(1, { where: ({ bodyText }) => bodyText.includes("b") });
  await postForEvents(server, { body: { n: "a" } });
  await postForEvents(server, { body: { n: "b" } });
  expect((await wanted).index).toBe(1);
});

test("a wait ends with the reason of its signal", async () => {
  await using server = await startResponsesServer({ script: [] });
  const abort = new AbortController();
  const waiting = server.waitForRequest(1, { signal: abort.signal });
  const reason = new Error("enough");
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(server.waitForGate("x", { signal: abort.signal })).rejects.toBe(reason);
});

test("a wait that can no longer succeed ends when the server closes", async () => {
  const server = await startResponsesServer({ script: [] });
  const waiting = server.waitForRequest(1).catch((error: unknown) => error);
  await server.close();
  expect(await waiting).toMatchObject({ code: "server_closed" });
  await expect(server.waitForGate("x")).rejects.toMatchObject({ code: "server_closed" });
});

test("a condition that throws rejects its wait", async () => {
  await using server = await startResponsesServer({ script: [] });
  const failure = new Error("bad condition");
  const waiting = server.waitFor(() => {
    throw failure;
  });
  await expect(waiting).rejects.toBe(failure);
});

test("tells when a stream has come to a gate", async () => {
  await using server = await startResponsesServer({ script: [{ events: [gate("here")] }] });
  const response = await post(server);
  await server.waitForGate("here");
  expect(server.exchanges[0]?.state).toBe("playing");
  server.release("here");
  await response.body.text();
  await server.waitFor(() => server.exchanges[0]?.state === "ended");
});
