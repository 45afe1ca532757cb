import {
  errorExchange,
  failedExchange,
  functionCallExchange,
  messageExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import type { ResponsesServer } from "@codex-ts/responses-server";
import OpenAI from "openai";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { ResponsesWS } from "openai/resources/responses/ws";
import { expect, test } from "vitest";

function clientOf(server: ResponsesServer): OpenAI {
  return new OpenAI({ baseURL: server.url, apiKey: "sk-test-key", maxRetries: 0 });
}

test("[responses-server/official-client-sse] the official client reads a stream and its request id", async () => {
  await using server = await startResponsesServer({
    script: [
      messageExchange(["Hello, ", "world."], {
        requestId: "req_1",
        responseId: "resp_1",
        model: "gpt-test",
        usage: { input_tokens: 7, output_tokens: 3 },
      }),
    ],
  });
  const { data: stream, request_id } = await clientOf(server)
    .responses.create({ model: "gpt-test", input: "hi", stream: true })
    .withResponse();
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  expect(request_id).toBe("req_1");
  expect(events.map(({ type }) => type)).toEqual([
    "response.created",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  expect(server.requests[0]?.body).toMatchObject({ model: "gpt-test", input: "hi", stream: true });
  expect(server.requests[0]?.header("authorization")).toBe("Bearer sk-test-key");
});

test("[responses-server/official-client-sse] the official client accumulates messages and tool calls", async () => {
  await using server = await startResponsesServer({
    script: [
      functionCallExchange({ name: "read_file", args: { path: "a.txt" }, callId: "call_1" }),
      messageExchange(["It says ", "hello."]),
    ],
  });
  const { responses } = clientOf(server);
  const call = await responses.stream({ model: "m", input: "read" }).finalResponse();
  expect(call.output).toMatchObject([
    { type: "function_call", name: "read_file", arguments: '{"path":"a.txt"}', call_id: "call_1" },
  ]);
  const answer = await responses.stream({ model: "m", input: "go on" }).finalResponse();
  expect(answer).toMatchObject({
    id: "resp_2",
    status: "completed",
    output_text: "It says hello.",
  });
});

test("the official client sees scripted failures", async () => {
  await using server = await startResponsesServer({
    script: [
      errorExchange(429, { code: "rate_limit_exceeded", message: "slow down", requestId: "req_9" }),
      failedExchange({ code: "server_error", message: "broken" }),
    ],
  });
  const { responses } = clientOf(server);
  const refused = responses.create({ model: "m", input: "x", stream: true });
  await expect(refused).rejects.toMatchObject({
    status: 429,
    code: "rate_limit_exceeded",
    requestID: "req_9",
  });
  const failedResponse = await responses.stream({ model: "m", input: "x" }).finalResponse();
  expect(failedResponse).toMatchObject({ status: "failed", error: { code: "server_error" } });
});

test("[responses-server/official-client-websocket] the official client talks over WebSocket", async () => {
  await using server = await startResponsesServer({
    script: [messageExchange(["Hello, ", "socket."], { responseId: "resp_ws" })],
  });
  const socket = new ResponsesWS(clientOf(server));
  socket.send({ type: "response.create", model: "m", input: "hi" });
  let text = "";
  let responseId = "";
  for await (const received of socket.stream()) {
    if (received.type !== "message") continue;
    const event = received.message;
    if (event.type === "response.output_text.delta") text += event.delta;
    if (event.type === "response.completed") {
      responseId = event.response.id;
      break;
    }
  }
  expect([responseId, text]).toEqual(["resp_ws", "Hello, socket."]);
  expect(server.requests[0]?.body).toMatchObject({ type: "response.create", input: "hi" });
  socket.close();
  await server.waitFor(() => server.connections[0]?.state === "closed");
  expect(server.connections[0]?.header("authorization")).toBe("Bearer sk-test-key");
  expect(server.unexpectedRequests).toEqual([]);
});
