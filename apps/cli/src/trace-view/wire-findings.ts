import type {
  WireAttempt,
  WireConnection,
  WireDiagnosis,
  WireDiagnosisIds,
  WireFinding,
  WireRequest,
} from "@codex-ts/rollout-trace/wire";
import { clipId, clipPart } from "../render/clip.ts";
import { stripToOneLine } from "../render/strip-control.ts";

/** Numbers of the requests in the table, by the id of their call. */
export type RequestNumbers = ReadonlyMap<string, number>;

/** A finding about a request that did not simply work: the sentence, advice, and the ids for support. */
export function findingText(finding: WireFinding, numbers: RequestNumbers): string {
  const { request, severity } = finding;
  const { diagnosis } = request;
  return lines([
    `${severity === "failed" ? "failed" : "note"}: ${requestName(request, numbers)}: ${codeText(diagnosis)}`,
    `  ${shown(diagnosis.sentence)}`,
    ...(diagnosis.advice === undefined ? [] : [`  advice: ${diagnosis.advice}`]),
    `  send: ${idsText(diagnosis.ids)}`,
  ]);
}

/** `recovered (server_error)`. */
function codeText({ code, firstCode }: WireDiagnosis): string {
  return firstCode === undefined ? code : `${code} (${firstCode})`;
}

function requestName(request: WireRequest, numbers: RequestNumbers): string {
  const known = request.inferenceCallIds.flatMap((id) => numbers.get(id) ?? []);
  if (known.length > 0) return `request${known.length > 1 ? "s" : ""} ${known.join(", ")}`;
  const kind = clipId(request.kind);
  return request.turnId === undefined ? kind : `${kind} of turn ${clipId(request.turnId)}`;
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

/** Ids with their names, the request's own before those of its connection. */
function idsText(ids: WireDiagnosisIds): string {
  return (Object.keys(LABELS) as (keyof WireDiagnosisIds)[])
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

export function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
