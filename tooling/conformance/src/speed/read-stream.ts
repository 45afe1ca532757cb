// The least a program can do with an answer: reads the stream with the official client and says how it ended.
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: process.env["BASE_URL"] ?? "",
  apiKey: "sk-mock-key",
  maxRetries: 0,
});
const stream = await client.responses.create({ model: "gpt-mock", input: "go", stream: true });
let last = "nothing";
for await (const { type } of stream) last = type;
console.log(last);
