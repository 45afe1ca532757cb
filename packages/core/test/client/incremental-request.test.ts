import { expect, test } from "vitest";
import type { ResponsesRequest } from "@codex-ts/protocol";
import { incrementalInput } from "../../src/client/incremental-request.ts";
import type { PreviousExchange } from "../../src/client/incremental-request.ts";

const said = (role: string, text: string) => ({
  type: "message",
  role,
  content: [{ type: role === "user" ? "input_text" : "output_text", text }],
});

const question = said("user", "One?");
const answer = said("assistant", "One.");
const next = said("user", "Two?");

const first: ResponsesRequest = {
  model: "gpt-mock",
  instructions: "Follow the script.",
  input: [question],
  tools: [{ type: "function", name: "a" }],
  tool_choice: "auto",
  parallel_tool_calls: true,
  reasoning: null,
  store: false,
  stream: true,
  include: [],
  prompt_cache_key: "key",
  client_metadata: { "x-codex-window-id": "thread:0", turn_id: "1" },
};

const previous: PreviousExchange = {
  request: first,
  responseId: "resp_1",
  responseItems: [answer],
};

const second: ResponsesRequest = {
  ...first,
  input: [question, answer, next],
  client_metadata: { "x-codex-window-id": "thread:0", turn_id: "2" },
};

test("[core/api-I3] what extends the previous request and its response is sent as the rest", () => {
  expect(incrementalInput(previous, second)).toEqual([next]);
});

test.each<[string, ResponsesRequest]>([
  ["another model", { ...second, model: "gpt-other" }],
  ["other tools", { ...second, tools: [] }],
  ["other instructions", { ...second, instructions: "Do otherwise." }],
  ["another reasoning", { ...second, reasoning: { effort: "high" } }],
])("[core/api-I4] %s: the whole request is sent", (_name, request) => {
  expect(incrementalInput(previous, request)).toBeUndefined();
});

test.each<[string, ResponsesRequest]>([
  ["a question that was rewritten", { ...second, input: [said("user", "1?"), answer, next] }],
  ["an answer that was rewritten", { ...second, input: [question, said("assistant", "1."), next] }],
  ["an answer that was taken back", { ...second, input: [question] }],
  [
    "another window",
    { ...second, client_metadata: { "x-codex-window-id": "thread:1", turn_id: "2" } },
  ],
])("[core/api-I5] %s: the whole request is sent", (_name, request) => {
  expect(incrementalInput(previous, request)).toBeUndefined();
});

test("[core/api-I5] nothing to go on from: the whole request is sent", () => {
  expect(incrementalInput(undefined, second)).toBeUndefined();
  expect(incrementalInput({ ...previous, responseId: "" }, second)).toBeUndefined();
});
