import {
  messageExchange,
  streamExchange,
  streamedMessage,
  streamedReasoning,
} from "@codex-ts/responses-server";
import type { LiveScenario } from "../live-scenario.ts";

const NO_PERMISSIONS = "include_permissions_instructions = false";

/** A plain turn under other settings. */
function configured(name: string, lines: readonly string[]): LiveScenario {
  return {
    name,
    config: [NO_PERMISSIONS, ...lines].join("\n"),
    script: [
      streamExchange([
        streamedReasoning({ summary: ["Hm."], content: ["raw"], encryptedContent: "enc-1" }),
        streamedMessage("Hello."),
      ]),
    ],
  };
}

/** Effects of the configuration file. */
export const SETTING_SCENARIOS: readonly LiveScenario[] = [
  configured("reasoning-settings", [
    'model_reasoning_effort = "low"',
    'model_reasoning_summary = "detailed"',
    'service_tier = "priority"',
  ]),
  configured("reasoning-without-summary", ['model_reasoning_summary = "none"']),
  configured("verbosity-of-a-model-without", ['model_verbosity = "high"']),
  configured("reasoning-hidden", ["hide_agent_reasoning = true"]),
  configured("reasoning-raw", ["show_raw_agent_reasoning = true"]),
  {
    name: "provider-headers",
    provider: `http_headers = { "X-One" = "1" }
query_params = { "api-version" = "2" }
env_http_headers = { "X-Terminal" = "TERM", "X-None" = "NOT_SET" }`,
    script: [messageExchange("Hello.")],
  },
];
