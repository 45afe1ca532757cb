import { ArgumentReader } from "../arguments.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { cellResponse } from "./cell-response.ts";
import type { CodeCells } from "./code-cells.ts";
import type { CodeModeSettings } from "./code-mode.ts";
import { WAIT_SPEC } from "./code-mode-specs.ts";
import { formatReport } from "./format-report.ts";

const DEFAULT_YIELD_MS = 10_000;

/** The tool `wait`: reports what a running script has shown since, or its end. */
export function waitTool(cells: CodeCells, settings: CodeModeSettings): Tool {
  return {
    name: "wait",
    kind: "function",
    spec: WAIT_SPEC,
    parallel: false,
    run: (call) => waitForCell(cells, settings, call),
  };
}

async function waitForCell(
  cells: CodeCells,
  { form, commands }: CodeModeSettings,
  call: ToolCall,
): Promise<ToolOutput> {
  const args = new ArgumentReader(call.input);
  const id = args.requiredString("cell_id");
  const yieldMs = args.number("yield_time_ms") ?? DEFAULT_YIELD_MS;
  const maxTokens = args.number("max_tokens");
  const isEnded = args.boolean("terminate") ?? false;
  const options = { cellId: id, maxTokens, form: commands };
  const found = cells.find(id);
  if (found === undefined) {
    // Machine-read, the same in Codex.
    const error = `exec cell ${id} not found`;
    return formatReport({ status: "failed", items: [], error, waitedMs: 0 }, options);
  }
  call.report.emit({ type: "code_cell_waited", cell_id: id, call_id: call.callId });
  const { cell } = found;
  const report = isEnded ? await cell.terminate() : await cell.report(yieldMs, call.signal);
  if (report.status !== "running") {
    cells.forget(id);
    const response = cellResponse(report, id, form);
    call.report.emit({ type: "code_cell_responded", cell_id: id, is_first: false, response });
  }
  return formatReport(report, options);
}
