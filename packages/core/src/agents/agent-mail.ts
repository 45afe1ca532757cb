import type { AgentStatus, ResponseItem } from "@codex-ts/protocol";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { message } from "../context/context-messages.ts";

type AgentForm = CompatibilityProfile["agents"];

/** Who writes to whom. */
interface Address {
  readonly author: string;
  readonly recipient: string;
}

/** A message of one agent to another: a task, or something to know. The first words are machine-read. */
export function modelMessage(
  { author, recipient }: Address,
  text: string,
  { isTask, form }: { readonly isTask: boolean; readonly form: AgentForm },
): ResponseItem {
  const header = messageHeader(isTask ? "NEW_TASK" : "MESSAGE", { author, recipient });
  return {
    type: "agent_message",
    author,
    recipient,
    content: [
      ...(form.messagesHaveHeader ? [{ type: "input_text" as const, text: header }] : []),
      { type: "encrypted_content", encrypted_content: text },
    ],
  };
}

/** The text by which a parent learns how a turn of its agent ended. */
export function resultText(address: Address, status: AgentStatus, form: AgentForm): string {
  if (!form.messagesHaveHeader) return notification(address.author, status);
  return `${messageHeader("FINAL_ANSWER", address)}${outcomeText(status)}`;
}

/** The message that carries such a text. */
export function resultMessage({ author, recipient }: Address, text: string): ResponseItem {
  return { type: "agent_message", author, recipient, content: [{ type: "input_text", text }] };
}

/** The same for a parent that calls its agents by their ids. */
export function notificationMessage(agentId: string, status: AgentStatus): ResponseItem {
  return message("user", [notification(agentId, status)]);
}

function messageHeader(type: string, { author, recipient }: Address): string {
  return `Message Type: ${type}\nTask name: ${recipient}\nSender: ${author}\nPayload:\n`;
}

function notification(name: string, status: AgentStatus): string {
  const body = JSON.stringify({ agent_path: name, status });
  return `<subagent_notification>\n${body}\n</subagent_notification>`;
}

/** The first words of a failure are machine-read, the advice is ours. */
function outcomeText(status: AgentStatus): string {
  if (typeof status === "string") return `Agent is ${status}.`;
  if ("completed" in status) return status.completed ?? "";
  return `Agent errored: ${status.errored}\n\nIts turn has failed and nothing more comes of it. Give the agent a follow-up task if you still need it.`;
}
