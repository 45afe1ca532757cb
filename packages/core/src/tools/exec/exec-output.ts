import type { JsonObject } from "@codex-ts/protocol";
import type { CommandForm } from "../../compatibility/compatibility-profile.ts";
import type { OutputBudget } from "../../history/truncate.ts";
import type { ToolOutput } from "../tool.ts";
import { countTokens, formatExecReport, shortenOutput } from "./format-output.ts";
import type { ExecReport } from "./format-output.ts";

/** The report of a call, as the model reads it and as scripts of code mode get it. */
export function execOutput(
  report: ExecReport,
  budget: OutputBudget,
  form: CommandForm,
): ToolOutput {
  const { chunkId, wallTimeMs, exitCode, sessionId, output } = report;
  return {
    output: formatExecReport(report, budget, form),
    value: {
      chunk_id: chunkId,
      wall_time_seconds: wallTimeMs / 1000,
      ...(exitCode !== undefined && { exit_code: exitCode }),
      ...(sessionId !== undefined && { session_id: sessionId }),
      original_token_count: countTokens(output, form),
      output: shortenOutput(output, budget, form),
    },
  };
}

/** Schema of the value scripts of code mode get of a command. */
export const EXEC_RESULT_SCHEMA: JsonObject = {
  type: "object",
  properties: {
    chunk_id: { type: "string", description: "Names this report." },
    wall_time_seconds: { type: "number", description: "How long this call has waited." },
    exit_code: { type: "number", description: "Given when the command has ended." },
    session_id: { type: "number", description: "For `write_stdin`; given while it runs." },
    original_token_count: { type: "number", description: "Of the output before it was cut." },
    output: { type: "string", description: "Both streams, shortened when it is long." },
  },
  required: ["wall_time_seconds", "output"],
};
