import type { ModelInfo } from "@codex-ts/protocol";
import { agentTools } from "./agents/agent-toolset.ts";
import type { AgentToolSettings } from "./agents/agent-toolset.ts";
import { execCommandTool } from "./exec/exec-command.ts";
import type { ExecSettings } from "./exec/exec-command.ts";
import { shellCommandTool } from "./exec/shell-command.ts";
import { writeStdinTool } from "./exec/write-stdin.ts";
import { viewImageTool } from "./image/view-image.ts";
import type { ViewImageSettings } from "./image/view-image.ts";
import type { McpToolSettings } from "./mcp/mcp-tools.ts";
import { resourceTools } from "./mcp/resource-tools.ts";
import { requestUserInputTool } from "./input/request-user-input.ts";
import type { QuestionSettings } from "./input/request-user-input.ts";
import { applyPatchTool } from "./patch/apply-patch.ts";
import type { PatchSettings } from "./patch/patch-settings.ts";
import { updatePlanTool } from "./plan/update-plan.ts";
import type { Tool } from "./tool.ts";

/** Settings of a thread that its tools need. */
export interface ToolSettings extends ExecSettings, PatchSettings, ViewImageSettings {
  /** The agents a thread may start others among; `undefined`: it may start none. */
  readonly agents: AgentToolSettings | undefined;
  /** The servers whose tools and resources are offered; `undefined`: there are none. */
  readonly mcp: Pick<McpToolSettings, "servers" | "form"> | undefined;
  /** The model the tools are for. */
  readonly model: Pick<
    ModelInfo,
    | "apply_patch_tool_type"
    | "input_modalities"
    | "shell_type"
    | "supports_image_detail_original"
    | "supports_search_tool"
  >;
  /** Whether there is a tool for commands without sessions. */
  readonly hasShellCommand: boolean;
  /** Whether commands have sessions where there is a choice. Default true. */
  readonly unifiedExec?: boolean | undefined;
  /** Whether the model can show a plan. */
  readonly offersPlan: boolean;
  readonly questions: QuestionSettings;
}

/** The tools every thread offers, in the order requests list them. A new tool is one more line. */
export function builtinTools(settings: ToolSettings): readonly Tool[] {
  return [
    ...commandTools(settings),
    ...(settings.mcp === undefined ? [] : resourceTools(settings.mcp.servers, settings.mcp.form)),
    ...(settings.offersPlan ? [updatePlanTool()] : []),
    requestUserInputTool(settings.questions),
    ...(settings.model.apply_patch_tool_type === "freeform" ? [applyPatchTool(settings)] : []),
    viewImageTool(settings),
    ...(settings.agents === undefined ? [] : agentTools(settings.agents, settings.model)),
  ];
}

/** Commands with sessions, unless they are off; 0.140 then runs a command by a call, and knows how to in any case. */
function commandTools(settings: ToolSettings): readonly Tool[] {
  const { hasShellCommand, unifiedExec = true, model } = settings;
  if (!hasShellCommand) return [execCommandTool(settings), writeStdinTool(settings)];
  if (unifiedExec) {
    return [
      execCommandTool(settings),
      writeStdinTool(settings),
      shellCommandTool(settings, "hidden"),
    ];
  }
  return model.shell_type === "disabled" ? [] : [shellCommandTool(settings, "listed")];
}
