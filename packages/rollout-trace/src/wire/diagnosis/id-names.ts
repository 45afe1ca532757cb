import type { WireDiagnosisIds } from "./wire-diagnosis.ts";

type IdName = keyof WireDiagnosisIds;

/** In the order in which they are shown: a connection's and a handshake's ids are never called a request's. */
const NAMES: Readonly<Record<IdName, string>> = {
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

/** Those a server gave, the one its owners can do most with first. */
const OF_SERVER: readonly IdName[] = [
  "x_request_id",
  "x_oai_request_id",
  "connection_x_request_id",
  "handshake_x_request_id",
  "handshake_x_oai_request_id",
  "cf_ray",
  "connection_cf_ray",
  "handshake_cf_ray",
  "response_id",
  "message_request_id",
];

/** An id with the name it has for a person. */
export type WireNamedId = readonly [name: string, value: string];

/** Ids with their names for a person, those of the request before those of its connection. */
export function namedIds(ids: WireDiagnosisIds): readonly WireNamedId[] {
  return (Object.keys(NAMES) as IdName[])
    .map((name) => namedId(ids, name))
    .filter((named) => named !== undefined);
}

/** The id that those who run the server can do most with; `undefined`: none of the server's reached the client. */
export function serverIdOf(ids: WireDiagnosisIds): WireNamedId | undefined {
  const name = OF_SERVER.find((each) => ids[each] !== undefined);
  return name && namedId(ids, name);
}

function namedId(ids: WireDiagnosisIds, name: IdName): WireNamedId | undefined {
  const value = ids[name];
  return value === undefined ? undefined : [NAMES[name], String(value)];
}
