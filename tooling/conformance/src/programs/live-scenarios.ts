import type { LiveScenario } from "./live-scenario.ts";
import { CODE_MODE_SCENARIOS } from "./scenarios/code-mode.ts";
import { COMMAND_SCENARIOS } from "./scenarios/commands.ts";
import { FAILURE_SCENARIOS } from "./scenarios/failures.ts";
import { HOSTED_TOOL_SCENARIOS } from "./scenarios/hosted-tools.ts";
import { MCP_SCENARIOS } from "./scenarios/mcp.ts";
import { PATCH_SCENARIOS } from "./scenarios/patches.ts";
import { PLAN_SCENARIOS } from "./scenarios/plans.ts";
import { SETTING_SCENARIOS } from "./scenarios/settings.ts";
import { SHELL_COMMAND_SCENARIOS } from "./scenarios/shell-command.ts";
import { TURN_SCENARIOS } from "./scenarios/turns.ts";
import { VIEW_IMAGE_SCENARIOS } from "./scenarios/view-image.ts";
import { WEBSOCKET_SCENARIOS } from "./scenarios/websocket.ts";

/** The scenarios of the live comparison. */
export const LIVE_SCENARIOS: readonly LiveScenario[] = [
  ...TURN_SCENARIOS,
  ...COMMAND_SCENARIOS,
  ...SHELL_COMMAND_SCENARIOS,
  ...CODE_MODE_SCENARIOS,
  ...MCP_SCENARIOS,
  ...PATCH_SCENARIOS,
  ...PLAN_SCENARIOS,
  ...HOSTED_TOOL_SCENARIOS,
  ...VIEW_IMAGE_SCENARIOS,
  ...SETTING_SCENARIOS,
  ...FAILURE_SCENARIOS,
  ...WEBSOCKET_SCENARIOS,
];
