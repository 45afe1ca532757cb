import { expect, test } from "vitest";
import type { ResponseItem } from "@codex-ts/protocol";
import { estimateTokensOf, estimateUncountedTokens } from "../../src/history/token-estimate.ts";

const user = (text: string): ResponseItem => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
});

const reasoning = (characters: number): ResponseItem => ({
  type: "reasoning",
  id: "rs_1",
  summary: [],
  encrypted_content: "e".repeat(characters),
});

const answer: ResponseItem = {
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text: "Yes." }],
};

const options = { reasoningIsCounted: false, measure: "as_sent" } as const;

test("[core/K21] counts four bytes of an item's JSON as a token, or of a message's text in 0.171", () => {
  // 80 bytes of JSON: what 0.140 estimates for it.
  expect(estimateTokensOf([user("one")], "as_sent")).toBe(20);
  expect(estimateTokensOf([user("one")], "by_text")).toBe(1);
  expect(estimateTokensOf([{ ...user("one"), id: "msg_1" } as ResponseItem], "as_sent")).toBe(20);
});

test("[core/K21] counts encrypted text as what was encrypted, and an image as 7,373 bytes", () => {
  expect(estimateTokensOf([reasoning(4000)], "as_sent")).toBe(Math.ceil((3000 - 650) / 4));
  expect(estimateTokensOf([reasoning(100)], "as_sent")).toBe(0);
  const image: ResponseItem = {
    type: "message",
    role: "user",
    content: [{ type: "input_image", image_url: `data:image/png;base64,${"A".repeat(90_000)}` }],
  };
  expect(estimateTokensOf([image], "by_text")).toBe(1844);
  // 80 bytes around it.
  expect(estimateTokensOf([image], "as_sent")).toBe(1864);
});

test("[core/K22] adds what came after the model's last item, and reasoning the server does not count", () => {
  const items = [user("one"), reasoning(4000), answer, user("two")];
  expect(estimateUncountedTokens(items, options)).toBe(20 + 588);
  expect(estimateUncountedTokens(items, { ...options, reasoningIsCounted: true })).toBe(20);
  // A context nobody has answered yet was estimated as a whole.
  expect(estimateUncountedTokens([user("one")], options)).toBe(0);
});
