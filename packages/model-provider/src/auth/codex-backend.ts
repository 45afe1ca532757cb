import { type AuthMode, isHumanChatGptAccount } from "@codex-ts/protocol";

/** Whether requests with this credential go to the ChatGPT back end unless a base URL is configured. */
export function usesCodexBackend(mode: AuthMode): boolean {
  return isHumanChatGptAccount(mode) || mode === "agentIdentity";
}
