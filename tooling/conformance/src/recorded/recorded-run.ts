import { isJsonObject } from "@codex-ts/protocol";
import type { ObservedRequest, ObservedRun } from "../compare/observed-run.ts";
import { typeName } from "../compare/type-name.ts";
import type { RecordedRequest, RecordedScenario } from "./recorded-scenario.ts";

/** Kinds of messages that are requests. */
const REQUEST_KINDS: readonly RecordedRequest["kind"][] = [
  "responses",
  "compact",
  "models",
  "prewarm",
  "other",
  "other_frame",
];

/** What the real client sent, in the order of arrival and in the form of the comparison. */
export function observeRecording(
  { requests }: Pick<RecordedScenario, "requests">,
  kinds: readonly RecordedRequest["kind"][] = REQUEST_KINDS,
): ObservedRun {
  const handshakes = requests.filter(({ kind }) => kind === "handshake");
  const places = new Map(handshakes.map(({ connection }, index) => [connection, index]));
  return {
    requests: requests
      .filter(({ kind }) => kinds.includes(kind))
      .map((request) => observed(request, places)),
    handshakes: handshakes.map((request) => observed(request, places)),
    events: [],
  };
}

function observed(
  request: RecordedRequest,
  places: ReadonlyMap<number | undefined, number>,
): ObservedRequest {
  const { transport, kind, method, path, headers = [], body, connection } = request;
  if (kind === "handshake") return { target: `upgrade ${path}`, headers, body: undefined };
  if (transport === "http")
    return { target: `${method} ${path}`, headers, body: body ?? undefined };
  const type = isJsonObject(body) ? typeName(body) : "text";
  return { target: `frame ${type}`, headers: [], body, connection: places.get(connection) };
}
