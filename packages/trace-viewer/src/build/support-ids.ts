import { diagnosisIds, namedIds } from "@codex-ts/rollout-trace/wire";
import type { WireAttempt, WireConnection, WireDiagnosis } from "@codex-ts/rollout-trace/wire";
import type { NamedId } from "@codex-ts/trace-viewer-page/format";

/** Ids of one attempt; those of its whole turn, and its time, stand elsewhere in the page. */
export function attemptIds(attempt: WireAttempt): readonly NamedId[] {
  const { thread_id: _thread, turn_id: _turn, time: _time, ...own } = diagnosisIds(attempt);
  return namedIds(own);
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
  const ids = id === undefined ? { connection_id: connection.id } : { connection_x_request_id: id };
  return namedIds(ids)[0];
}
