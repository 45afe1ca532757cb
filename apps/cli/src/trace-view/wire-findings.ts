import type { ReducedTrace } from "@codex-ts/rollout-trace";
import type {
  WireAttempt,
  WireConnection,
  WireDiagnosis,
  WireFinding,
  WireRequest,
} from "@codex-ts/rollout-trace/wire";
import { clipId, clipPart } from "../render/clip.ts";
import { lines } from "../render/lines.ts";
import { plural } from "../render/plural.ts";
import { lookup } from "./lookup.ts";
import { idsText, sendLines } from "./support-lines.ts";
import { turnAdvice } from "./turn-advice.ts";
import type { TurnFailures } from "./turn-failures.ts";

/** Numbers of the requests in the table, by the id of their call. */
export type RequestNumbers = ReadonlyMap<string, number>;

/** Facts of the trace that a finding is written with. */
export interface FindingContext {
  readonly numbers: RequestNumbers;
  readonly turns: ReducedTrace["codex_turns"];
  readonly turnFailures: TurnFailures;
}

/** A person reads no more; a session of weeks has hundreds. */
const MAX_FINDINGS = 100;

/** Findings with the causes first: what was lost before what worked in the end. */
export function findingTexts(findings: readonly WireFinding[], context: FindingContext): string[] {
  const texts = findings
    .map((finding) => ({ finding, label: labelOf(finding, context) }))
    .toSorted((a, b) => LABELS.indexOf(a.label) - LABELS.indexOf(b.label))
    .slice(0, MAX_FINDINGS)
    .map(({ finding, label }) => findingText(finding, label, context));
  const rest = findings.length - texts.length;
  return rest > 0 ? [...texts, `and ${rest} more: trace doctor --json has all\n`] : texts;
}

const LABELS = ["failed", "cancelled", "note"] as const;

/** A request whose turn went with it is more than a note. */
export function labelOf(
  { severity, request }: WireFinding,
  { turns }: Pick<FindingContext, "turns">,
): (typeof LABELS)[number] {
  if (severity === "failed") return "failed";
  const turn = lookup(turns, request.turnId ?? null);
  return request.diagnosis.code === "cancelled" && turn?.execution.status === "cancelled"
    ? "cancelled"
    : "note";
}

/** A finding about a request that did not simply work: the sentence, advice, and the ids for support. */
function findingText({ request }: WireFinding, label: string, context: FindingContext): string {
  const { diagnosis } = request;
  // What the client stopped is explained by what it said of the turn.
  const reason =
    diagnosis.code === "stopped_by_client"
      ? context.turnFailures.get(request.turnId ?? "")
      : undefined;
  const advice = (reason === undefined ? undefined : turnAdvice(reason)) ?? diagnosis.advice;
  return lines([
    `${label}: ${requestName(request, context.numbers)}${countsText(request)}`,
    ...(reason === undefined ? [] : [`  ${clipPart(reason)}`]),
    `  ${clipPart(diagnosis.sentence)} (code: ${codeText(diagnosis)})`,
    ...(advice === undefined ? [] : [`  advice: ${advice}`]),
    ...sendLines(request),
  ]);
}

/** A person reads no more. */
const MAX_OTHERS = 8;

/** A line on each request that worked and that the table of requests does not have: warm-ups and compactions. */
export function otherRequestLines(
  requests: readonly WireRequest[],
  numbers: RequestNumbers,
): string[] {
  const others = requests.filter(
    (request) =>
      request.outcome === "completed" &&
      request.diagnosis === undefined &&
      numbersOf(request, numbers).length === 0,
  );
  const rest = others.length - MAX_OTHERS;
  return [
    ...others
      .slice(0, MAX_OTHERS)
      .map(
        (request) =>
          `${requestName(request, numbers)}${countsText(request)} worked: ${idsText(request.ids)}`,
      ),
    ...(rest > 0 ? [`and ${rest} more in wire.jsonl`] : []),
  ];
}

/** `recovered, server_error`. */
function codeText({ code, firstCode }: WireDiagnosis): string {
  return firstCode === undefined ? code : `${code}, ${firstCode}`;
}

/** How often a request was sent, and the handshakes that were made for it. */
export function attemptCounts({ attempts }: WireRequest): { tries: number; handshakes: number } {
  const handshakes = attempts.filter(({ started }) => started.endpoint === "handshake").length;
  return { tries: attempts.length - handshakes, handshakes };
}

/** Left out where it was sent once, and no more. */
function countsText(request: WireRequest): string {
  const { tries, handshakes } = attemptCounts(request);
  if (tries + handshakes === 1) return "";
  const parts = [
    ...(tries > 0 || handshakes === 0 ? [plural(tries, "try", "tries")] : []),
    ...(handshakes > 0 ? [plural(handshakes, "handshake")] : []),
  ];
  return ` (${parts.join(", ")})`;
}

/** Numbers of a request in the table; none where no try of it got as far. */
export function numbersOf({ inferenceCallIds }: WireRequest, numbers: RequestNumbers): number[] {
  return inferenceCallIds.flatMap((id) => numbers.get(id) ?? []);
}

function requestName(request: WireRequest, numbers: RequestNumbers): string {
  const known = numbersOf(request, numbers);
  if (known.length > 0) return `request${known.length > 1 ? "s" : ""} ${known.join(", ")}`;
  const kind = NOUNS.get(request.kind) ?? clipId(request.kind);
  return request.turnId === undefined ? kind : `${kind} of turn ${clipId(request.turnId)}`;
}

const NOUNS: ReadonlyMap<string, string> = new Map([
  ["turn", "request"],
  ["prewarm", "warm-up"],
  ["connect", "connection"],
]);

/** How a request travelled: `http`, or its place on a connection, which is named by its handshake. */
export function viaText(
  attempt: WireAttempt | undefined,
  connection: WireConnection | undefined,
): string {
  if (attempt === undefined) return "-";
  if (connection === undefined) return attempt.started.transport;
  const name = connection.opened?.request_ids.x_request_id ?? connection.id;
  return `ws:${clipId(name)}#${attempt.started.position ?? "?"}`;
}
