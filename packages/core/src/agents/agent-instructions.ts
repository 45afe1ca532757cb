import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { message } from "../context/context-messages.ts";
import type { ContextMessage } from "../context/context-messages.ts";
import type { Agent } from "./agent.ts";
import type { SubagentOptions } from "./subagent-options.ts";

const USAGE_KIND = "multi_agent.usage_hint";
const MODE_KIND = "multi_agent.mode_instructions";

/** Messages for the model about itself and other agents. */
export interface AgentInstructions {
  /** With the context a thread begins with. */
  readonly initial: readonly ContextMessage[];
  /** In place of it, behind the history an agent has from its parent. */
  readonly ofFork: readonly ContextMessage[];
}

/** The messages for one agent of a tree whose agents have a path. */
export function agentInstructions(
  { facts }: Agent,
  settings: SubagentOptions,
  form: CompatibilityProfile["agents"],
): AgentInstructions {
  const { rootInstructions = ROOT_TEXT, agentInstructions: ofAgents = AGENT_TEXT } = settings;
  const usage = facts.depth === 0 ? rootInstructions : ofAgents;
  const initial = [
    ...(usage ? [developer(usage, USAGE_KIND)] : []),
    ...(form.hasModeInstructions ? [developer(MODE_TEXT, MODE_KIND)] : []),
  ];
  return { initial, ofFork: form.tellsForks ? [developer(FORK_TEXT, USAGE_KIND), ...initial] : [] };
}

function developer(text: string, kind: string): ContextMessage {
  return { item: message("developer", [text]), contentKinds: [kind] };
}

const SHARED_TEXT = `Agents are named by path: an agent that \`/root\` starts as \`search\` is \`/root/search\`. A name without a leading slash begins at your own path. All agents work in the same directory at the same time, so give them tasks that do not touch the same files.

\`spawn_agent\` starts an agent with a task, \`followup_task\` sends one another task, \`send_message\` sends one a message without starting a turn, \`wait_agent\` waits for a message to you, \`list_agents\` shows who is there, \`interrupt_agent\` stops what one is doing.

Messages of other agents begin with four lines: \`Message Type\` (\`NEW_TASK\`, \`MESSAGE\` or \`FINAL_ANSWER\`), \`Task name\` (who it is for), \`Sender\`, and \`Payload\`, which is followed by the text.`;

const ROOT_TEXT = `You are \`/root\`, the first of a group of agents, and the one the user talks to.

${SHARED_TEXT}

When an agent ends a turn, its last message reaches you as a \`FINAL_ANSWER\`. What the user gets is your response: check what the agents say before you rely on it.`;

const AGENT_TEXT = `You are one of a group of agents. Another agent has started you and sends you your tasks.

${SHARED_TEXT}

The last message of your turn goes to the agent that started you: put everything into it that this agent needs to know.`;

const FORK_TEXT =
  "From here on you are another agent. The conversation so far is that of the agent that started you and is there for you to know; its tasks, roles and permissions are not yours. Calls in it are over, and what they left running is not within your reach. Your own role and task follow.";

/** The tag is machine-read, the text is ours. */
const MODE_TEXT =
  "<multi_agent_mode>Start agents only when the user, an AGENTS.md file or a skill asks for agents, delegation or parallel work. This replaces all that was said about it before.</multi_agent_mode>";
