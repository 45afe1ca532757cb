/** Kinds of credentials, spelled as in `auth.json`. Source: model-provider spec, section 6.1. */
export type AuthMode =
  | "apikey"
  | "chatgpt"
  | "chatgptAuthTokens"
  | "agentIdentity"
  | "personalAccessToken"
  | "bedrockApiKey";

/** How telemetry names a credential. */
export type AuthModeLabel = "ApiKey" | "Chatgpt";

/** The telemetry label: everything but an API key counts as ChatGPT. */
export function authModeLabel(mode: AuthMode): AuthModeLabel {
  return mode === "apikey" || mode === "bedrockApiKey" ? "ApiKey" : "Chatgpt";
}

/** Whether the credential belongs to a person's ChatGPT account. */
export function hasChatgptAccount(mode: AuthMode): boolean {
  return mode === "chatgpt" || mode === "chatgptAuthTokens" || mode === "personalAccessToken";
}

/** Whether requests with this credential go to the ChatGPT back end unless a base URL is configured. */
export function usesCodexBackend(mode: AuthMode): boolean {
  return hasChatgptAccount(mode) || mode === "agentIdentity";
}
