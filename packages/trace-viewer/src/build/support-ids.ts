import type { WireAttempt, WireDiagnosis, WireDiagnosisIds } from "@codex-ts/rollout-trace/wire";
import type { NamedId } from "@codex-ts/trace-viewer-page/format";

/** Names of ids as `trace doctor` writes them: a connection's are never called a request's. */
const NAMES: Readonly<Record<keyof WireDiagnosisIds, string>> = {
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

/** Names and values, those of the request before those of its connection. */
function namedIds(ids: WireDiagnosisIds): readonly NamedId[] {
  return Object.entries(NAMES).flatMap(([name, label]): NamedId[] => {
    const value = ids[name as keyof WireDiagnosisIds];
    return value === undefined ? [] : [[label, String(value)]];
  });
}

/** Ids of one attempt. */
export function attemptIds({
  started,
  responded,
  ended,
  connection,
}: WireAttempt): readonly NamedId[] {
  const handshake = started.endpoint === "handshake" ? undefined : connection?.opened?.request_ids;
  const known = {
    ...responded?.request_ids,
    ...ended?.request_ids,
    response_id: ended?.response_id,
    connection_id: connection?.id,
    position: started.position,
    connection_x_request_id: handshake?.x_request_id,
    connection_cf_ray: handshake?.cf_ray,
    inference_call_id: started.inference_call_id,
  };
  return namedIds(
    Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
  );
}

/** One line for each attempt that failed, to be sent to those who can look it up. */
export function supportText({ ids, attemptIds: failed }: WireDiagnosis): string {
  return (failed.length === 0 ? [ids] : failed)
    .map((each) =>
      namedIds(each)
        .map(([name, value]) => `${name} ${value}`)
        .join(", "),
    )
    .join("\n");
}
