import { describe, expect, test } from "vitest";
import { wordsOfBody, wordsText } from "../../src/events/server-words.ts";

const said = (body: string): string | undefined => {
  const words = wordsOfBody(body);
  return words && wordsText(words);
};

describe("what a refusal says for people", () => {
  test.each<[string, string | undefined]>([
    ["", undefined],
    [" \n", undefined],
    ['{"error":{"message":"no memory","type":"server_error"}}', "no memory (server_error)"],
    ['{"error":"model not loaded"}', "model not loaded"],
    ['{"message":"throttled"}', "throttled"],
    ['{"Message":"User is not authorized"}', "User is not authorized"],
    ['{"detail":"Not authenticated"}', "Not authenticated"],
    ['{"detail":[{"loc":["body"],"msg":"field required"}]}', "field required"],
    ['{"errors":[{"message":"first"},{"message":"second"}]}', "first; second"],
    ['[{"error":{"message":"in a list"}}]', "in a list"],
    ['{"title":"Bad Request","status":400}', "Bad Request"],
    ['{"error":{"message":"","code":"x"}}', "x"],
    ["{}", "{}"],
    ['{"error":', '{"error":'],
    ['"just text"', "just text"],
    ["upstream connect error", "upstream connect error"],
    ["<!DOCTYPE html><html><head><title>502 Bad\nGateway</title></head></html>", "502 Bad Gateway"],
    ["<html><body>closed for lunch</body></html>", "closed for lunch"],
    ['{"error":{"message":"two\\nlines\\u001b[31m red\\u0007\\u202e"}}', "two lines red"],
  ])("[api/server-message] %j says %j", (body, message) => {
    expect(said(body)).toBe(message);
  });

  test("[api/server-message] a message of any length is cut, nesting of any depth costs no stack", () => {
    const long = said(JSON.stringify({ error: { message: "x".repeat(1_000_000) } }));
    expect(long).toBe(`${"x".repeat(1000)}...`);
    const deep = `${'{"error":'.repeat(100_000)}"low"${"}".repeat(100_000)}`;
    expect(said(deep)?.length).toBeLessThanOrEqual(1003);
  });
});
