import { fallbackModelInfo } from "@codex-ts/model-provider";
import { expect, test } from "vitest";
import { subagents } from "../src/agent-settings.ts";
import { readConfig } from "../src/config-schema.ts";
import type { Config } from "../src/config-schema.ts";

const model = fallbackModelInfo("m", {});

function versionOf(config: Config, ofModel?: "v1" | "v2" | "disabled"): string | undefined {
  const chosen = ofModel === undefined ? model : { ...model, multi_agent_version: ofModel };
  return subagents(config, { model: chosen }).subagents?.version;
}

test("[cli/agents] the newer switch wins, then `agents.enabled`, then the model; the older tools are for all others who do not switch them off", () => {
  expect(versionOf({})).toBe("v1");
  expect(versionOf({ features: { multi_agent: true } })).toBe("v1");
  expect(versionOf({ features: { multi_agent: false } })).toBeUndefined();
  expect(versionOf({ features: { multi_agent: false } }, "v2")).toBe("v2");
  expect(versionOf({ features: { multi_agent: true } }, "disabled")).toBeUndefined();
  expect(versionOf({}, "v1")).toBe("v1");
  expect(versionOf({ agents: { enabled: false } }, "v2")).toBeUndefined();
  expect(
    versionOf({ agents: { enabled: false }, features: { multi_agent: true } }),
  ).toBeUndefined();
  expect(versionOf({ agents: { enabled: false }, features: { multi_agent_v2: true } })).toBe("v2");
  expect(versionOf({ features: { multi_agent_v2: { enabled: true } } }, "v1")).toBe("v2");
  expect(versionOf({ features: { multi_agent_v2: { enabled: false } } })).toBe("v1");
});

test("[cli/agents] limits and texts are those of the tools that are used", () => {
  const table = {
    enabled: true,
    max_concurrent_threads_per_session: 3,
    min_wait_timeout_ms: 200,
    usage_hint_enabled: false,
    root_agent_usage_hint_text: "root",
    subagent_usage_hint_text: "child",
  };
  const agents = { max_threads: 9, max_depth: 2 };
  const newer: Config = { features: { multi_agent_v2: table }, agents };
  expect(subagents(newer, { model }).subagents).toEqual({
    version: "v2",
    maxAgents: 2,
    minWaitMs: 200,
    rootInstructions: "root",
    agentInstructions: "child",
    models: [],
  });
  const older = subagents({ ...newer, compatibility: "0.140" }, { model, models: [model] });
  expect(older.subagents).toMatchObject({ rootInstructions: null, agentInstructions: null });
  expect(older.subagents?.models).toEqual([model]);
  const byId = subagents({ features: { multi_agent: true }, agents }, { model });
  expect(byId.subagents).toMatchObject({ version: "v1", maxAgents: 9, maxDepth: 2 });
  const alone = { ...table, max_concurrent_threads_per_session: 1 };
  expect(subagents({ features: { multi_agent_v2: alone } }, { model })).toEqual({});
});

test("[cli/agents] a setting of the wrong shape is named", () => {
  const problem = (table: object): unknown => readConfig(table);
  expect(problem({ agents: { max_threads: 0 } })).toMatchObject({
    problem: { path: ["agents", "max_threads"] },
  });
  expect(problem({ features: { multi_agent_v2: { min_wait_timeout_ms: "1" } } })).toMatchObject({
    problem: { path: ["features", "multi_agent_v2", "min_wait_timeout_ms"] },
  });
  expect(problem({ features: { multi_agent_v2: 1 } })).toMatchObject({
    problem: { path: ["features", "multi_agent_v2"], expected: "expected boolean or table" },
  });
});
