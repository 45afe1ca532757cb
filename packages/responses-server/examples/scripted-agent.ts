import {
  functionCallExchange,
  messageExchange,
  startResponsesServer,
} from "@codex-ts/responses-server";
import OpenAI from "openai";

const server = await startResponsesServer({
  script: [
    functionCallExchange({ name: "read_file", args: { path: "notes.txt" }, callId: "call_1" }),
    messageExchange(["It says ", "hello."], { requestId: "req_2" }),
  ],
});
const { responses } = new OpenAI({ baseURL: server.url, apiKey: "any" });
const call = await responses.stream({ model: "any", input: "What is in it?" }).finalResponse();
const answer = await responses.create({ model: "any", input: "hello" });

console.log(call.output[0]?.type);
console.log(answer.output_text);
console.log(server.requests.length, server.unexpectedRequests.length);
await server.close();
