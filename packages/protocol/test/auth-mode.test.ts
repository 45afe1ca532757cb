import { expect, test } from "vitest";
import type { AuthMode } from "@codex-ts/protocol";
import { isHumanChatGptAccount, readAuthMode, telemetryAuthMode } from "@codex-ts/protocol";

test.each<[AuthMode, boolean, string]>([
  ["apikey", false, "ApiKey"],
  ["chatgpt", true, "Chatgpt"],
  ["chatgptAuthTokens", true, "Chatgpt"],
  ["agentIdentity", false, "Chatgpt"],
  ["personalAccessToken", true, "Chatgpt"],
  ["bedrockApiKey", false, "Chatgpt"],
])("%s: a person's ChatGPT account is %s, telemetry says %s", (mode, isHuman, name) => {
  expect(readAuthMode(mode)).toBe(mode);
  expect(isHumanChatGptAccount(mode)).toBe(isHuman);
  expect(telemetryAuthMode(mode)).toBe(name);
});

test("modes are spelled exactly", () => {
  expect(["ApiKey", "chatGPT", "", null].map(readAuthMode)).toEqual(Array(4).fill(undefined));
});
