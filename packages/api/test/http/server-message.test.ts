import { describe, expect, test } from "vitest";
import { serverMessage } from "../../src/http/server-message.ts";

describe("what a refusal says for people", () => {
  test.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ["", undefined],
    [" \n", undefined],
    ['{"error":{"message":"no memory","type":"server_error"}}', "no memory"],
    ['{"error":"model not loaded"}', "model not loaded"],
    ['{"message":"throttled"}', "throttled"],
    ['{"Message":"User is not authorized"}', "User is not authorized"],
    ['{"detail":"Not authenticated"}', "Not authenticated"],
    ['{"detail":[{"loc":["body"],"msg":"field required"}]}', "field required"],
    ['{"errors":[{"message":"first"},{"message":"second"}]}', "first"],
    ['[{"error":{"message":"in a list"}}]', "in a list"],
    ['{"title":"Bad Request","status":400}', "Bad Request"],
    ['{"error":{"message":"","code":"x"}}', '{"error":{"message":"","code":"x"}}'],
    ["{}", "{}"],
    ['{"error":', '{"error":'],
    ['"just text"', "just text"],
    ["upstream connect error", "upstream connect error"],
    ["<!DOCTYPE html><html><head><title>502 Bad\nGateway</title></head></html>", "502 Bad Gateway"],
    ["<html><body>no title</body></html>", undefined],
    ['{"error":{"message":"two\\nlines\\u001b[31m red\\u0007\\u202e"}}', "two lines red"],
  ])("[api/server-message] %j says %j", (body, message) => {
    expect(serverMessage(body)).toBe(message);
  });

  test("[api/server-message] a message of any length is cut, nesting of any depth is not followed", () => {
    const long = serverMessage(JSON.stringify({ error: { message: "x".repeat(1_000_000) } }));
    expect(long).toBe(`${"x".repeat(500)}\u2026`);
    const deep = `${'{"error":'.repeat(2000)}"low"${"}".repeat(2000)}`;
    expect(serverMessage(deep)?.length).toBeLessThanOrEqual(501);
  });
});
