import type { WireAttempt } from "../read/wire-attempts.ts";
import { otherIdInMessage } from "./failure-facts.ts";
import type { WireDiagnosisIds } from "./wire-diagnosis.ts";

/** Ids by which support can look an attempt up. Pure. */
export function diagnosisIds(attempt: WireAttempt): WireDiagnosisIds {
  const { started, responded, ended, connection } = attempt;
  const own = { ...responded?.request_ids, ...ended?.request_ids };
  const handshake = connection?.opened?.request_ids;
  const time = isoTime(started.queued_at_ms);
  const known = {
    ...(started.endpoint === "handshake"
      ? handshake === undefined && {
          handshake_x_request_id: own.x_request_id,
          handshake_x_oai_request_id: own.x_oai_request_id,
          handshake_cf_ray: own.cf_ray,
        }
      : {
          x_request_id: own.x_request_id,
          x_oai_request_id: own.x_oai_request_id,
          cf_ray: own.cf_ray,
        }),
    message_request_id: otherIdInMessage(attempt),
    response_id: ended?.response_id,
    connection_id: connection?.id,
    position: started.position,
    connection_x_request_id: handshake?.x_request_id,
    connection_cf_ray: handshake?.cf_ray,
    thread_id: started.thread_id,
    turn_id: started.turn_id,
    inference_call_id: started.inference_call_id,
    time,
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

function isoTime(unixMs: number): string | undefined {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
