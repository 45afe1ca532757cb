import type { ThreadOptions } from "@codex-ts/core";
import type { ModelInfo } from "@codex-ts/model-provider";
import type { Config } from "./config-schema.ts";
import { isSwitchedOn } from "./features-in-use.ts";
import { given } from "./given.ts";
import type { MultiAgentV2 } from "./multi-agent-v2.ts";

type Subagents = NonNullable<ThreadOptions["subagents"]>;
type AgentVersion = NonNullable<Subagents["version"]>;

/**
 * Agents the model may start, decided as Codex decides it: the switch `multi_agent_v2` wins, then `agents.enabled = false`
 * switches them off, then the model's catalog entry chooses, then there are the older tools, unless the switch
 * `multi_agent` is off.
 */
export function subagents(
  config: Config,
  { model, models = [] }: Pick<ThreadOptions, "model" | "models">,
): Pick<ThreadOptions, "subagents"> {
  const version = agentVersion(config, model);
  if (version === undefined) return {};
  const limits = version === "v2" ? v2Limits(config) : v1Limits(config);
  if (limits.maxAgents === 0) return {};
  return { subagents: { version, ...limits, ...instructions(config), models } };
}

function agentVersion(config: Config, model: string | ModelInfo): AgentVersion | undefined {
  const { features = {}, agents } = config;
  if (isSwitchedOn(features.multi_agent_v2) === true) return "v2";
  if (agents?.enabled === false) return undefined;
  const ofModel = typeof model === "string" ? undefined : model.multi_agent_version;
  if (ofModel === "disabled") return undefined;
  return ofModel ?? (isSwitchedOn(features.multi_agent) === false ? undefined : "v1");
}

function v1Limits({ agents }: Config): Pick<Subagents, "maxAgents" | "maxDepth"> {
  return given({ maxAgents: agents?.max_threads, maxDepth: agents?.max_depth });
}

function v2Limits(config: Config): Pick<Subagents, "maxAgents" | "minWaitMs"> {
  const table = v2Table(config);
  const threads = table.max_concurrent_threads_per_session;
  return given({
    // Codex counts the thread of the user.
    maxAgents: threads === undefined ? undefined : threads - 1,
    minWaitMs: table.min_wait_timeout_ms,
  });
}

function instructions(config: Config): Pick<Subagents, "rootInstructions" | "agentInstructions"> {
  const table = v2Table(config);
  if (table.usage_hint_enabled === false && config.compatibility === "0.140") {
    return { rootInstructions: null, agentInstructions: null };
  }
  return given({
    rootInstructions: table.root_agent_usage_hint_text,
    agentInstructions: table.subagent_usage_hint_text,
  });
}

function v2Table({ features }: Config): MultiAgentV2 {
  const table = features?.multi_agent_v2;
  return typeof table === "object" ? table : {};
}
