import type { CliProcess } from "../cli-process.ts";
import type { Check } from "../doctor/check.ts";
import { checkLines, jsonReport, overallStatus, summaryLine } from "../doctor/report.ts";
import { runChecks } from "../doctor/run-checks.ts";
import type { GlobalOptions } from "../global-options.ts";
import { createStyle } from "../render/style.ts";

export interface DoctorOptions extends GlobalOptions {
  readonly json?: boolean;
}

/** `codex-ts doctor`: one line per check as it is made. Exit code 1 when one failed; warnings are no failure. */
export async function runDoctor(options: DoctorOptions, cliProcess: CliProcess): Promise<number> {
  const { stdout, env } = cliProcess;
  const isJson = options.json === true;
  const style = createStyle(stdout, env);
  const checks: Check[] = [];
  for await (const check of runChecks(options, cliProcess)) {
    cliProcess.interrupted.throwIfAborted();
    checks.push(check);
    if (!isJson) stdout.write(checkLines(check, style));
  }
  stdout.write(
    isJson
      ? `${JSON.stringify(jsonReport(checks, new Date()), undefined, 2)}\n`
      : `\n${summaryLine(checks)}`,
  );
  return overallStatus(checks) === "fail" ? 1 : 0;
}
