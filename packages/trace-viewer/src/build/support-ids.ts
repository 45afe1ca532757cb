import type {
  WireAttempt,
  WireConnection,
  WireDiagnosis,
  WireDiagnosisIds,
} from "@codex-ts/rollout-trace/wire";
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
  const handshake = connection?.opened?.request_ids;
  // An accepted handshake has no id but that of its connection; a refused one has its own.
  const isAccepted = started.endpoint === "handshake" && handshake !== undefined;
  const known = {
    ...(!isAccepted && { ...responded?.request_ids, ...ended?.request_ids }),
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

/** The id of a connection with its name, which is never that of a request. */
export function connectionId(connection: WireConnection | undefined): NamedId | undefined {
  if (connection === undefined) return undefined;
  const id = connection.opened?.request_ids.x_request_id;
  return id === undefined
    ? [NAMES.connection_id, connection.id]
    : [NAMES.connection_x_request_id, id];
}

/** The id that those who run the server can do most with. */
export function supportId({ ids }: WireDiagnosis): NamedId | undefined {
  const name = BEST.find((each) => ids[each] !== undefined);
  return name && [NAMES[name], String(ids[name])];
}

const BEST = [
  "x_request_id",
  "x_oai_request_id",
  "connection_x_request_id",
  "cf_ray",
  "connection_cf_ray",
  "response_id",
] as const;
