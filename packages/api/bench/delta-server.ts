import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Answers every request with a response of many text deltas, one write per event as a model server does. Runs as a
 * process of its own, so that its work is not measured. Prints its port.
 */
const deltaCount = Number(process.argv[2] ?? 20_000);

function event(type: string, members: object): Buffer {
  return Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`);
}

const response = { id: "resp_bench", object: "response", output: [] };
const item = { id: "msg_bench", type: "message", role: "assistant" };
const events = [
  event("response.created", {
    sequence_number: 0,
    response: { ...response, status: "in_progress" },
  }),
  event("response.output_item.added", {
    sequence_number: 1,
    output_index: 0,
    item: { ...item, status: "in_progress", content: [] },
  }),
  ...Array.from({ length: deltaCount }, (_, index) =>
    event("response.output_text.delta", {
      sequence_number: index + 2,
      item_id: item.id,
      output_index: 0,
      content_index: 0,
      delta: ` word${index % 100}`,
      logprobs: [],
    }),
  ),
  event("response.completed", {
    sequence_number: deltaCount + 2,
    response: {
      ...response,
      status: "completed",
      usage: { input_tokens: 1, output_tokens: deltaCount, total_tokens: deltaCount + 1 },
    },
  }),
];

const server = createServer((request, answer) => {
  request.resume();
  request.on("end", () => {
    answer.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req_bench" });
    for (const bytes of events) answer.write(bytes);
    answer.end();
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
