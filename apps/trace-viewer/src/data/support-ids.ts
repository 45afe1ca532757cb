import type { WireChain } from "@codex-ts/trace-viewer-page/format";

type Ids = NonNullable<WireChain["diagnosis"]>["ids"];

/** Names of ids as `trace doctor` writes them: a connection's are never called a request's. */
const NAMES: Readonly<Record<keyof Ids, string>> = {
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

/** Names and values, those of the request first. */
export function namedIds(ids: Ids): readonly (readonly [name: string, value: string])[] {
  return Object.entries(NAMES).flatMap(([name, label]) => {
    const value = ids[name as keyof Ids];
    return value === undefined ? [] : [[label, String(value)] as const];
  });
}

/** One line for each attempt that failed, to be sent to those who can look it up. */
export function supportText({ ids, attemptIds }: NonNullable<WireChain["diagnosis"]>): string {
  const all = attemptIds.length === 0 ? [ids] : attemptIds;
  return all
    .map((each) =>
      namedIds(each)
        .map(([name, value]) => `${name} ${value}`)
        .join(", "),
    )
    .join("\n");
}
