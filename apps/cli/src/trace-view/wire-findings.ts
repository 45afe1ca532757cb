import type {
  WireAttempt,
  WireConnection,
  WireDiagnosis,
  WireDiagnosisIds,
  WireFinding,
  WireRequest,
} from "@codex-ts/rollout-trace/wire";
import { clipId, clipPart } from "../render/clip.ts";
import { lines } from "../render/lines.ts";
import { stripToOneLine } from "../render/strip-control.ts";

/** Numbers of the requests in the table, by the id of their call. */
export type RequestNumbers = ReadonlyMap<string, number>;

/** A finding about a request that did not simply work: the sentence, advice, and the ids for support. */
export function findingText(finding: WireFinding, numbers: RequestNumbers): string {
  const { request, severity } = finding;
  const { diagnosis } = request;
  return lines([
    `${severity === "failed" ? "failed" : "note"}: ${requestName(request, numbers)}: ${codeText(diagnosis)}${countsText(request)}`,
    `  ${shown(diagnosis.sentence)}`,
    ...(diagnosis.advice === undefined ? [] : [`  advice: ${diagnosis.advice}`]),
    ...sendLines(diagnosis),
  ]);
}

/** `recovered (server_error)`. */
function codeText({ code, firstCode }: WireDiagnosis): string {
  return firstCode === undefined ? code : `${code} (${firstCode})`;
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
    ...(tries > 0 || handshakes === 0 ? [`${tries} ${tries === 1 ? "try" : "tries"}`] : []),
    ...(handshakes > 0 ? [`${handshakes} handshake${handshakes === 1 ? "" : "s"}`] : []),
  ];
  return `, ${parts.join(", ")}`;
}

/** Numbers of a request in the table; none where no try of it got as far. */
export function numbersOf({ inferenceCallIds }: WireRequest, numbers: RequestNumbers): number[] {
  return inferenceCallIds.flatMap((id) => numbers.get(id) ?? []);
}

function requestName(request: WireRequest, numbers: RequestNumbers): string {
  const known = numbersOf(request, numbers);
  if (known.length > 0) return `request${known.length > 1 ? "s" : ""} ${known.join(", ")}`;
  const kind = request.kind === "prewarm" ? "warm-up" : clipId(request.kind);
  return request.turnId === undefined ? kind : `${kind} of turn ${clipId(request.turnId)}`;
}

/** A person copies no more; the log has them all. */
const MAX_ATTEMPTS = 8;

const OF_SERVER: readonly (keyof WireDiagnosisIds)[] = [
  "x_request_id",
  "x_oai_request_id",
  "cf_ray",
  "response_id",
  "connection_x_request_id",
  "connection_cf_ray",
];

/** The ids of every failed attempt on a line of its own, then those they have in common. */
function sendLines({ ids, attemptIds, isNothingToSend }: WireDiagnosis): string[] {
  const all = attemptIds.length === 0 ? [ids] : attemptIds;
  const hasServerId = all.some(isOfServer);
  const intro = introOf(isNothingToSend, hasServerId);
  const [only] = all;
  if (all.length === 1 && only !== undefined) return [`  send: ${intro}${idsText(only)}`];
  const rows = all
    .slice(0, MAX_ATTEMPTS)
    .map(
      (each) =>
        `${hasServerId && !isOfServer(each) ? "no id of the server, " : ""}${ownText(each)}`,
    );
  const rest = all.length - rows.length;
  return [
    `  send: ${intro}the ids of ${all.length} attempts`,
    ...[
      ...rows,
      ...(rest > 0 ? [`and ${rest} more in wire.jsonl`] : []),
      idsText(pick(ids, COMMON)),
    ]
      .filter((row) => row !== "")
      .map((row) => `    ${row}`),
  ];
}

function introOf(isNothingToSend: boolean, hasServerId: boolean): string {
  if (isNothingToSend) {
    const missing = hasServerId ? "" : ", and no id of the server reached the client";
    return `nothing, support cannot mend this${missing}; if you are asked: `;
  }
  return hasServerId ? "" : "no id of the server reached the client, so ";
}

function isOfServer(ids: WireDiagnosisIds): boolean {
  return OF_SERVER.some((name) => ids[name] !== undefined);
}

const COMMON: readonly (keyof WireDiagnosisIds)[] = ["thread_id", "turn_id"];

function ownText(ids: WireDiagnosisIds): string {
  return idsText(
    pick(
      ids,
      labelNames().filter((name) => !COMMON.includes(name)),
    ),
  );
}

function pick(ids: WireDiagnosisIds, names: readonly (keyof WireDiagnosisIds)[]): WireDiagnosisIds {
  return Object.fromEntries(names.map((name) => [name, ids[name]]));
}

const LABELS: Readonly<Record<keyof WireDiagnosisIds, string>> = {
  x_request_id: "x-request-id",
  x_oai_request_id: "x-oai-request-id",
  cf_ray: "cf-ray",
  response_id: "response_id",
  connection_id: "connection",
  position: "position on it",
  connection_x_request_id: "x-request-id of the connection",
  connection_cf_ray: "cf-ray of the connection",
  thread_id: "thread",
  turn_id: "turn",
  inference_call_id: "inference call",
  time: "time",
};

function labelNames(): (keyof WireDiagnosisIds)[] {
  return Object.keys(LABELS) as (keyof WireDiagnosisIds)[];
}

/** Ids with their names, the request's own before those of its connection. */
function idsText(ids: WireDiagnosisIds): string {
  return labelNames()
    .flatMap((name) => {
      const value = ids[name];
      return value === undefined ? [] : [`${LABELS[name]} ${clipId(String(value))}`];
    })
    .join(", ");
}

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

function shown(sentence: string): string {
  return clipPart(stripToOneLine(sentence));
}
