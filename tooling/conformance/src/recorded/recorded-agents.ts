import type { SubagentOptions } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import { parse } from "smol-toml";
import type { RecordedAnswer, RecordedScenario } from "./recorded-scenario.ts";

/** Name of the gate at which a parent waits for its agent to come to where it is stopped. */
export const AGENT_GATE = "an agent has answered in part";

/** The settings of agents a recorded client was configured with; `undefined`: it had none. */
export function recordedSubagents({
  configToml,
  compatibility,
}: Pick<RecordedScenario, "configToml" | "compatibility">): SubagentOptions | undefined {
  const { features } = parse(configToml);
  if (!isJsonObject(features) || features["multi_agent"] !== true) return undefined;
  const v2 = features["multi_agent_v2"];
  if (!isJsonObject(v2) || v2["enabled"] !== true) return { version: "v1" };
  // 0.171 leaves them out only where others are given.
  const isUsed = compatibility === "0.171" || v2["usage_hint_enabled"] !== false;
  const hint = (name: string): { readonly text?: string | null } => {
    const text = v2[name];
    if (!isUsed) return { text: null };
    return typeof text === "string" ? { text } : {};
  };
  const root = hint("root_agent_usage_hint_text");
  const agents = hint("subagent_usage_hint_text");
  const minWaitMs = v2["min_wait_timeout_ms"];
  return {
    version: "v2",
    ...(root.text !== undefined && { rootInstructions: root.text }),
    ...(agents.text !== undefined && { agentInstructions: agents.text }),
    ...(typeof minWaitMs === "number" && { minWaitMs }),
  };
}

/** Recordings in which an agent is stopped before its answer is complete. */
const STOPPED_AGENTS: ReadonlySet<string> = new Set(["agents-close-running"]);

/**
 * An answer as it is to be given. That to an agent that is stopped stays without its end, which 0.140 reads all the
 * same.
 */
export function answerUntilStopped(
  { name, requests }: Pick<RecordedScenario, "name" | "requests">,
  answer: RecordedAnswer,
): RecordedAnswer {
  const headers = requests.find(({ n }) => n === answer.request)?.headers ?? [];
  const isOfAgent = headers.some(([header]) => header === "x-openai-subagent");
  if (!isOfAgent || !STOPPED_AGENTS.has(name)) return answer;
  const sse = (answer.sse ?? []).filter(({ type }) => type !== "response.completed");
  return { ...answer, sse, end: "hang" };
}

/** Whether an answer asks how agents are doing, which is recorded while one is at work. */
export function asksForAgents({ sse }: RecordedAnswer): boolean {
  return (sse ?? []).some(({ item }) => isJsonObject(item) && item["name"] === "list_agents");
}
