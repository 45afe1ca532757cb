import type { ReducedTrace } from "@codex-ts/rollout-trace";
import type { WireAttemptCounts, WireJoin, WireSummary } from "@codex-ts/rollout-trace/wire";
import { clipId, clipPart } from "../render/clip.ts";
import { formatMilliseconds } from "../render/inference-line.ts";
import { lines } from "../render/lines.ts";
import { plural } from "../render/plural.ts";
import { requestNumbers, requestsInOrder } from "./call-tables.ts";
import { timeText } from "./render-trace.ts";
import { failedTurns, turnTexts } from "./turn-failures.ts";
import type { TurnFailures } from "./turn-failures.ts";
import { findingTexts, otherRequestLines } from "./wire-findings.ts";

/** The report of `trace doctor` for a bundle with a wire log. */
export function doctorReport(
  summary: WireSummary,
  { requests: all }: WireJoin,
  state: ReducedTrace,
  turnFailures: TurnFailures,
): string {
  const { lost, switches, findings, connections, retries } = summary;
  const numbers = requestNumbers(state);
  const head = lines([
    `attempts  ${countsTexts(summary).join("; ") || "none"}; ${plural(retries, "retry", "retries")}`,
    ...(connections === 0 ? [] : [`opened    ${plural(connections, "WebSocket connection")}`]),
    `lost      ${formatMilliseconds(lost.connectingMs)} connecting, ${formatMilliseconds(lost.waitingForRetriesMs)} waiting for retries, ${formatMilliseconds(lost.stalledMs)} in stalls`,
    ...otherRequestLines(all, numbers).map((line) => `besides   ${line}`),
    ...switches.map(
      ({ at_ms, from, to, cause }) =>
        `switched  from ${from} to ${to} at ${timeText(at_ms)}: ${SWITCHES[cause]}`,
    ),
  ]);
  const turns = turnTexts(state, turnFailures, findings);
  const context = { numbers, turns: state.codex_turns, turnFailures };
  const requests =
    findings.length === 0
      ? [
          `${all.some(({ outcome }) => outcome === "unfinished") ? "no request is known to have failed" : "every request worked at its first try"}\n`,
        ]
      : findingTexts(findings, context);
  return [head, ...turns, ...requests].join("\n");
}

const SWITCHES: Readonly<Record<WireSummary["switches"][number]["cause"], string>> = {
  upgrade_426: "the server refuses WebSockets (426)",
  retries_used_up: "no try worked",
  unreachable: "nobody was reached, so no more was tried",
  not_sendable: "the request could not be sent over a WebSocket",
  setting: "http_only is set",
};

/** Of the transports that were used. */
function countsTexts({ http, websocket }: WireSummary): string[] {
  return Object.entries({ http, websocket }).flatMap(([name, counts]) =>
    counts.tries + counts.handshakes === 0 ? [] : [countsText(name, counts)],
  );
}

function countsText(name: string, counts: WireAttemptCounts): string {
  const { tries, warmUps, compactions, handshakes, failed, failedHandshakes, stopped } = counts;
  const others = [
    ...(warmUps > 0 ? [plural(warmUps, "warm-up")] : []),
    ...(compactions > 0 ? [plural(compactions, "compaction")] : []),
  ];
  const failedTries = failed - failedHandshakes;
  const which =
    failedHandshakes > 0
      ? ` (${plural(failedTries, "try", "tries")}, ${plural(failedHandshakes, "handshake")})`
      : "";
  const parts = [
    `${plural(tries, "try", "tries")}${others.length > 0 ? ` (${others.join(", ")} counted)` : ""}`,
    ...(handshakes > 0 ? [plural(handshakes, "handshake")] : []),
    `${failed} failed${which}`,
    ...(stopped > 0 ? [`${stopped} stopped`] : []),
  ];
  return `${name} ${parts.join(", ")}`;
}

/** The report for a bundle without one: what is not known, and what the trace itself says. */
export function reportWithoutWire(state: ReducedTrace, failures: TurnFailures): string {
  const calls = requestsInOrder(state).map((call, index) => ({ call, number: index + 1 }));
  const bad = calls.filter(({ call }) => call.execution.status !== "completed");
  const failed = failedTurns(state, failures);
  return lines([
    "this bundle has no wire.jsonl, as bundles of Codex, those recorded with --no-wire-log, and those of runs that sent nothing",
    "not known: which attempts were made, their times and retries, how connections were made and closed, ids of WebSocket",
    "connections, why a request failed",
    ...(bad.length === 0 && failed.length === 0
      ? [`the trace itself has ${plural(calls.length, "request")}, all completed`]
      : ["the trace itself says:"]),
    ...failed.map(
      (id) =>
        `  turn ${clipId(id)} failed: ${clipPart(failures.get(id) ?? "it is not recorded why")}`,
    ),
    ...bad.map(
      ({ call, number }) =>
        `  request ${number} ${call.execution.status}, upstream_request_id ${clipId(call.upstream_request_id ?? "-")}, response_id ${clipId(call.response_id ?? "-")}, thread ${clipId(call.thread_id)}, time ${timeText(call.execution.started_at_unix_ms)}`,
    ),
  ]);
}
