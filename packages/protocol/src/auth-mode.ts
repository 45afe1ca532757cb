import type { Codec } from "./internal/codec.ts";
import { oneOf } from "./internal/codec.ts";

/** How requests are authorised, as stored in `auth.json` and reported to clients. */
export type AuthMode =
  | "apikey"
  | "chatgpt"
  | "chatgptAuthTokens"
  | "agentIdentity"
  | "personalAccessToken"
  | "bedrockApiKey"
  | "headers"
  | "bedrockAccessKeys";

const authModeCodec: Codec<AuthMode> = oneOf([
  "apikey",
  "chatgpt",
  "chatgptAuthTokens",
  "agentIdentity",
  "personalAccessToken",
  "bedrockApiKey",
  "headers",
  "bedrockAccessKeys",
]);

/** Reads a stored mode (0.169's list); `undefined` for one this version does not know. */
export function readAuthMode(value: unknown): AuthMode | undefined {
  return authModeCodec.read(value);
}

/** True when a person's ChatGPT account stands behind the credential. */
export function isHumanChatGptAccount(mode: AuthMode): boolean {
  return mode === "chatgpt" || mode === "chatgptAuthTokens" || mode === "personalAccessToken";
}

/** Name of the mode in telemetry: everything but an API key counts as ChatGPT. */
export function telemetryAuthMode(mode: AuthMode): "ApiKey" | "Chatgpt" {
  return mode === "apikey" ? "ApiKey" : "Chatgpt";
}
