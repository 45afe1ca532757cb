import type { ReducedTrace } from "@codex-ts/rollout-trace";
import { summarizeWire } from "@codex-ts/rollout-trace/wire";
import type { WireFinding, WireSummary } from "@codex-ts/rollout-trace/wire";
import { bundlePath } from "../bundle-path.ts";
import type { CliProcess } from "../cli-process.ts";
import { reduceOrExplain } from "../reduce-to-file.ts";
import { writeDiagnostics } from "../trace-view/diagnostics.ts";
import { requestNumbers } from "../trace-view/call-tables.ts";
import { doctorReport, reportWithoutWire } from "../trace-view/doctor-report.ts";
import { readWire, writeWireDiagnostics } from "../trace-view/read-wire.ts";
import { failedTurns, TurnFailureCollector } from "../trace-view/turn-failures.ts";
import type { TurnFailures } from "../trace-view/turn-failures.ts";
import { attemptCounts, labelOf, numbersOf } from "../trace-view/wire-findings.ts";
import type { FindingContext } from "../trace-view/wire-findings.ts";

export interface TraceDoctorOptions {
  readonly json?: boolean;
}

/** `codex-ts trace doctor`: what went wrong between client and server. Exit code 1 when a request or a turn failed for good. */
export async function runTraceDoctor(
  bundle: string,
  options: TraceDoctorOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const { stdout, stderr, interrupted } = cliProcess;
  const path = bundlePath(bundle, cliProcess);
  const observer = new TurnFailureCollector();
  const { state, diagnostics } = await reduceOrExplain(path, { signal: interrupted, observer });
  const failed = failedTurns(state, observer.failures);
  writeDiagnostics(diagnostics, stderr);
  const wire = await readWire(path, state);
  if (wire === undefined) {
    const report = { wire: null, ...jsonTurns(failed, observer.failures) };
    const text = reportWithoutWire(state, observer.failures);
    stdout.write(options.json === true ? toJson(report) : text);
    return failed.length > 0 ? 1 : 0;
  }
  writeWireDiagnostics(wire, stderr);
  const summary = summarizeWire(wire.log, wire.join);
  if (options.json === true) {
    const report = jsonReport(summary, state, wire.join.diagnostics);
    stdout.write(toJson({ ...report, ...jsonTurns(failed, observer.failures) }));
  } else stdout.write(doctorReport(summary, wire.join, state, observer.failures));
  return summary.hasFailures || failed.length > 0 ? 1 : 0;
}

function jsonTurns(failed: readonly string[], failures: TurnFailures): object {
  const reasons = failed.map((id) => [id, failures.get(id) ?? null]);
  return { failed_turns: failed, turn_failures: Object.fromEntries(reasons) };
}

function jsonReport(
  { findings, hasFailures: _hasFailures, ...totals }: WireSummary,
  state: ReducedTrace,
  diagnostics: readonly object[],
): object {
  const context = { numbers: requestNumbers(state), turns: state.codex_turns };
  return {
    wire: totals,
    findings: findings.map((finding) => jsonFinding(finding, context)),
    diagnostics,
  };
}

/** Requests have the numbers of the text; `null` and none where no try got as far as the trace. */
function jsonFinding(
  finding: WireFinding,
  { numbers, turns }: Pick<FindingContext, "numbers" | "turns">,
): object {
  const { request } = finding;
  const known = numbersOf(request, numbers);
  const { kind, threadId, turnId, inferenceCallIds, attempts, outcome, diagnosis } = request;
  return {
    severity: labelOf(finding, { turns }),
    request: known[0] ?? null,
    requests: known,
    kind,
    thread_id: threadId,
    turn_id: turnId,
    inference_call_ids: inferenceCallIds,
    attempts: attempts.length,
    ...attemptCounts(request),
    outcome,
    code: diagnosis.code,
    first_code: diagnosis.firstCode,
    sentence: diagnosis.sentence,
    advice: diagnosis.advice,
    ids: diagnosis.ids,
    attempt_ids: diagnosis.attemptIds,
    nothing_to_send: diagnosis.isNothingToSend,
  };
}

function toJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
