import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { cellResponse } from "./cell-response.ts";
import type { CodeCells, ThreadCell } from "./code-cells.ts";
import type { CodeModeSettings } from "./code-mode.ts";
import { execSpec } from "./code-mode-specs.ts";
import { formatReport } from "./format-report.ts";
import { readScript } from "./read-script.ts";

/** The tool `exec`: runs a script in a cell of its own and reports what it shows, or that it still runs. */
export function execTool(cells: CodeCells, settings: CodeModeSettings, described: string): Tool {
  return {
    name: "exec",
    kind: "custom",
    spec: execSpec(settings.form.defaultYieldMs, described),
    // It holds up others as long as it is waited for; its own calls run beside each other.
    parallel: false,
    run: (call) => runScript(cells, settings, call),
  };
}

async function runScript(
  cells: CodeCells,
  { form, commands }: CodeModeSettings,
  call: ToolCall,
): Promise<ToolOutput> {
  const { source, yieldMs = form.defaultYieldMs, maxOutputTokens } = readScript(call.input);
  const startedMs = call.now();
  const opened = await open(cells, call);
  const { id, cell } = opened;
  call.report.emit({ type: "code_cell_started", cell_id: id, call_id: call.callId, source });
  await cells.run(opened, source);
  const report = await cell.report(yieldMs, call.signal);
  if (report.status !== "running") cells.forget(id);
  const waitedMs = call.now() - startedMs;
  const response = cellResponse({ ...report, waitedMs }, id, form);
  call.report.emit({ type: "code_cell_responded", cell_id: id, is_first: true, response });
  return formatReport(
    { ...report, waitedMs },
    { cellId: id, maxTokens: maxOutputTokens, form: commands },
  );
}

async function open(cells: CodeCells, call: ToolCall): Promise<ThreadCell> {
  try {
    return await cells.open(call);
  } catch (error) {
    call.signal.throwIfAborted();
    if (ToolError.is(error)) throw error;
    throw new ToolError(
      `exec cannot run scripts here: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
