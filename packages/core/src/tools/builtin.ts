import { execCommandTool } from "./exec/exec-command.ts";
import type { ExecSettings } from "./exec/exec-command.ts";
import { writeStdinTool } from "./exec/write-stdin.ts";
import type { Tool } from "./tool.ts";

/** Settings of a thread that its tools need. */
export type ToolSettings = ExecSettings;

/** The tools every thread offers, in the order requests list them. A new tool is one more line. */
export function builtinTools(settings: ToolSettings): readonly Tool[] {
  return [execCommandTool(settings), writeStdinTool(settings)];
}
