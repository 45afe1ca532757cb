import { parseThreadId } from "@codex-ts/protocol";
import type { Agent } from "../../../agents/agent.ts";
import type { ToolCall } from "../../tool.ts";
import { ToolError } from "../../tool.ts";
import type { AgentToolSettings } from "../agent-toolset.ts";

/** The id as agents have it. Throws `ToolError` for a text that cannot be one. */
export function readAgentId(id: string): string {
  try {
    return parseThreadId(id);
  } catch {
    throw new ToolError(`invalid agent id ${id}: it must be the UUID that spawn_agent returned`);
  }
}

/** The agent with an id; `undefined` when it is closed or never was. The thread of the user is none. */
export function findAgent({ tree }: AgentToolSettings, id: string): Agent | undefined {
  const agent = tree.byId(id);
  return agent === tree.root ? undefined : agent;
}

/** Machine-read, the same in Codex. */
export function notFound(id: string): ToolError {
  return new ToolError(`agent with id ${id} not found`);
}

/** Members that every event of a call has. */
export function callFacts(call: ToolCall): {
  readonly call_id: string;
  readonly sender_thread_id: string;
} {
  return { call_id: call.callId, sender_thread_id: call.threadId };
}

/** The nickname as a member to spread. */
export function nicknameMember<Name extends string>(
  name: Name,
  agent: Agent | undefined,
): { readonly [key in Name]?: string } {
  const nickname = agent?.facts.nickname ?? null;
  return (nickname === null ? {} : { [name]: nickname }) as { readonly [key in Name]?: string };
}
