import {
  functionCallExchange,
  itemDone,
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

/** A call as a responses-lite model makes it. */
const CALL_IN_NAMESPACE = streamExchange([
  itemDone({
    type: "function_call",
    name: "exec_command",
    namespace: "functions",
    arguments: JSON.stringify({ cmd: "echo one" }),
    call_id: "call_1",
  }),
]);

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
    name: "responses-lite",
    model: { use_responses_lite: true },
    runsUntraced: true,
    script: [
      CALL_IN_NAMESPACE,
      functionCallExchange({ name: "exec_command", args: { cmd: "echo two" }, callId: "call_2" }),
      messageExchange("Done."),
    ],
  },
  {
    name: "responses-lite-websocket",
    model: { use_responses_lite: true },
    provider: "supports_websockets = true",
    script: [CALL_IN_NAMESPACE, messageExchange("Done.")],
  },
  {
    name: "provider-headers",
    provider: `http_headers = { "X-One" = "1" }
query_params = { "api-version" = "2" }
env_http_headers = { "X-Terminal" = "TERM", "X-None" = "NOT_SET" }`,
    script: [messageExchange("Hello.")],
  },
];
