import type { ModelInfo } from "@codex-ts/protocol";
import type { CodeModeForm, CommandForm } from "../../compatibility/compatibility-profile.ts";
import type { Tool } from "../tool.ts";
import { CodeCells } from "./code-cells.ts";
import { execTool } from "./exec-tool.ts";
import { describedTools } from "./described-tools.ts";
import { canBeNested, nestedTools } from "./nested-tools.ts";
import { waitTool } from "./wait-tool.ts";

/**
 * Whether the model may write scripts that call tools: `off`, `with_tools`, where it may also call them itself, or `only`,
 * where scripts are the one way to call them.
 */
export type CodeMode = "off" | "with_tools" | "only";

/** Settings of the thread that its cells need. */
export interface CodeModeSettings {
  readonly form: CodeModeForm;
  readonly commands: CommandForm;
  /** Milliseconds. */
  readonly now: () => number;
  /** The cells of a thread whose tools have changed; they are offered those of now. Default: new ones. */
  readonly cells?: CodeCells | undefined;
}

/** The mode a model is made for. */
export function codeModeOf({ tool_mode: mode }: Pick<ModelInfo, "tool_mode">): CodeMode {
  if (mode === "code_mode_only") return "only";
  return mode === "code_mode" ? "with_tools" : "off";
}

/** The tools of a thread with those of code mode, and the cells they share; no cells when it is off. */
export function withCodeMode(
  tools: readonly Tool[],
  mode: CodeMode,
  settings: CodeModeSettings,
): { readonly tools: readonly Tool[]; readonly cells: CodeCells | undefined } {
  if (mode === "off") return { tools, cells: undefined };
  const nested = nestedTools(tools, settings.form);
  const cells = settings.cells ?? new CodeCells(nested, settings.now);
  cells.offer(nested);
  const isOnly = mode === "only";
  const described = isOnly ? describedTools(nested) : "";
  return {
    tools: [
      execTool(cells, settings, described),
      waitTool(cells, settings),
      ...(isOnly ? tools.filter((tool) => !canBeNested(tool)) : tools),
    ],
    cells,
  };
}
