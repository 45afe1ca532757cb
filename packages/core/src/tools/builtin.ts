import type { ModelInfo } from "@codex-ts/protocol";
import { agentTools } from "./agents/agent-toolset.ts";
import type { AgentToolSettings } from "./agents/agent-toolset.ts";
import { execCommandTool } from "./exec/exec-command.ts";
import type { ExecSettings } from "./exec/exec-command.ts";
import { writeStdinTool } from "./exec/write-stdin.ts";
import { viewImageTool } from "./image/view-image.ts";
import type { ViewImageSettings } from "./image/view-image.ts";
import { requestUserInputTool } from "./input/request-user-input.ts";
import { applyPatchTool } from "./patch/apply-patch.ts";
import type { PatchSettings } from "./patch/patch-settings.ts";
import { updatePlanTool } from "./plan/update-plan.ts";
import type { Tool } from "./tool.ts";

/** Settings of a thread that its tools need. */
export interface ToolSettings extends ExecSettings, PatchSettings, ViewImageSettings {
  /** The agents a thread may start others among; `undefined`: it may start none. */
  readonly agents: AgentToolSettings | undefined;
  /** The model the tools are for. */
  readonly model: Pick<ModelInfo, "apply_patch_tool_type" | "input_modalities">;
  /** Whether the model can show a plan. */
  readonly offersPlan: boolean;
  /** Whether a question to the user can have a time after which the model goes on without a reply. */
  readonly questionsAutoResolve: boolean;
}

/** The tools every thread offers, in the order requests list them. A new tool is one more line. */
export function builtinTools(settings: ToolSettings): readonly Tool[] {
  return [
    execCommandTool(settings),
    writeStdinTool(settings),
    ...(settings.offersPlan ? [updatePlanTool()] : []),
    requestUserInputTool({ hasAutoResolution: settings.questionsAutoResolve }),
    ...(settings.model.apply_patch_tool_type === "freeform" ? [applyPatchTool(settings)] : []),
    viewImageTool(settings),
    ...(settings.agents === undefined ? [] : agentTools(settings.agents)),
  ];
}
