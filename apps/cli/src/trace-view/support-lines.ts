import type { WireAttemptIds, WireDiagnosisIds, WireFinding } from "@codex-ts/rollout-trace/wire";
import { clipId } from "../render/clip.ts";

/** A person copies no more; the log has them all. */
const MAX_ATTEMPTS = 8;

const OF_SERVER: readonly (keyof WireDiagnosisIds)[] = [
  "x_request_id",
  "x_oai_request_id",
  "cf_ray",
  "handshake_x_request_id",
  "handshake_x_oai_request_id",
  "handshake_cf_ray",
  "message_request_id",
  "response_id",
  "connection_x_request_id",
  "connection_cf_ray",
];

/**
 * Lines to send to support: the ids of every attempt that failed, each with what it was on a line of its own, then those
 * they have in common.
 */
export function sendLines(request: WireFinding["request"]): string[] {
  const { ids, attemptIds } = request.diagnosis;
  const hasServerId = attemptIds.some(isOfServer);
  const intro = introOf(request, hasServerId);
  const [only] = attemptIds;
  if (attemptIds.length <= 1)
    return [`  send: ${intro}${idsText(only ?? ids)}`, ...renewalLines(request)];
  const rows = attemptIds.slice(0, MAX_ATTEMPTS).map((each) => rowOf(each, hasServerId));
  const rest = attemptIds.length - rows.length;
  const others = request.attempts.length - attemptIds.length;
  const didNotFail = others > 0 ? ` (the other ${others} did not fail)` : "";
  return [
    `  send: ${intro}the ids of ${attemptIds.length} attempts${didNotFail}`,
    ...[
      ...rows,
      ...(rest > 0 ? [`and ${rest} more in wire.jsonl`] : []),
      idsText(pick(ids, COMMON)),
    ]
      .filter((row) => row !== "")
      .map((row) => `    ${row}`),
    ...renewalLines(request),
  ];
}

/** Renewals are requests too, of which only how they ended is recorded. */
function renewalLines({ attempts }: WireFinding["request"]): string[] {
  return attempts.some(({ auth }) => auth.some(({ outcome }) => FAILED_RENEWALS.has(outcome)))
    ? ["    not recorded: the address of the service that renews logins, and ids of its responses"]
    : [];
}

const FAILED_RENEWALS: ReadonlySet<string> = new Set(["failed", "refused"]);

function introOf({ diagnosis, attempts }: WireFinding["request"], hasServerId: boolean): string {
  const { code, isNothingToSend } = diagnosis;
  if (isNothingToSend) {
    const missing = hasServerId ? "" : ", and no id of the server reached the client";
    return `nothing, support cannot mend this${missing}; if you are asked: `;
  }
  if (code === "recovered") return "nothing, it worked; if it recurs: ";
  if (code === "cancelled" && attempts.every(({ ended }) => ended?.outcome !== "failed"))
    return "nothing, unless it was slow: ";
  return hasServerId ? "" : "no id of the server reached the client, so ";
}

function rowOf(each: WireAttemptIds, hasServerId: boolean): string {
  const own = labelNames().filter((name) => !COMMON.includes(name));
  return [
    clipId(each.attempt),
    ...(hasServerId && !isOfServer(each) ? ["no id of the server"] : []),
    idsText(pick(each, own)),
  ].join(", ");
}

function isOfServer(ids: WireDiagnosisIds): boolean {
  return OF_SERVER.some((name) => ids[name] !== undefined);
}

const COMMON: readonly (keyof WireDiagnosisIds)[] = ["thread_id", "turn_id"];

function pick(ids: WireDiagnosisIds, names: readonly (keyof WireDiagnosisIds)[]): WireDiagnosisIds {
  return Object.fromEntries(names.map((name) => [name, ids[name]]));
}

const LABELS: Readonly<Record<keyof WireDiagnosisIds, string>> = {
  x_request_id: "x-request-id",
  x_oai_request_id: "x-oai-request-id",
  cf_ray: "cf-ray",
  handshake_x_request_id: "x-request-id of the refused handshake",
  handshake_x_oai_request_id: "x-oai-request-id of the refused handshake",
  handshake_cf_ray: "cf-ray of the refused handshake",
  message_request_id: "differing request id named in the message",
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
export function idsText(ids: WireDiagnosisIds): string {
  return labelNames()
    .flatMap((name) => {
      const value = ids[name];
      return value === undefined ? [] : [`${LABELS[name]} ${clipId(String(value))}`];
    })
    .join(", ");
}
