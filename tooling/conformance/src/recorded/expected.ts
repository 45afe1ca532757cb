import { isJsonObject } from "@codex-ts/protocol";
import type { HeaderPairs, ObservedRequest, ObservedRun } from "../compare/observed-run.ts";
import { observeRecording } from "./recorded-run.ts";
import { LATER_VERSION, readRecordedScenario } from "./recorded-scenario.ts";
import type { RecordedRequest, RecordedScenario } from "./recorded-scenario.ts";

/**
 * Recordings with a stream that is given up on a WebSocket. There 0.140 reads it to its end and goes on over the same
 * connection, 0.169 closes the connection, and so do we (docs/behavior/api.md 10.6 "drop the socket on abort"): which
 * connections are made and what goes over which is what 0.169 was recorded to do.
 */
const CONNECTIONS_AS_LATER: ReadonlySet<string> = new Set(["ws-interrupt"]);

/** What ours has to send in a recorded scenario: what was sent, for 0.140 over connections that may be those of 0.169. */
export function expectedRun(
  scenario: RecordedScenario,
  kinds?: readonly RecordedRequest["kind"][],
): ObservedRun {
  const run = observeRecording(scenario, kinds);
  const { name, compatibility } = scenario;
  if (compatibility !== "0.140" || !CONNECTIONS_AS_LATER.has(name)) return run;
  const later = observeRecording(readRecordedScenario(name, compatibility, LATER_VERSION), kinds);
  const requests = run.requests.map((request, index) => ({
    ...request,
    connection: later.requests[index]?.connection,
  }));
  const handshakes = later.handshakes.flatMap((_, connection) => {
    const frame = requests.find((each) => each.connection === connection);
    return run.handshakes
      .slice(0, 1)
      .map((first) => (connection === 0 ? first : again(first, frame)));
  });
  return { ...run, requests, handshakes };
}

/** An upgrade made again within a thread: the first with the metadata of the frame it is for, as in `ws-no-prewarm`. */
function again(first: ObservedRequest, frame: ObservedRequest | undefined): ObservedRequest {
  const flat = isJsonObject(frame?.body) ? frame.body["client_metadata"] : undefined;
  const blob = isJsonObject(flat) ? flat["x-codex-turn-metadata"] : undefined;
  const headers: HeaderPairs = first.headers.map(([name, value]) =>
    name === "x-codex-turn-metadata"
      ? [name, typeof blob === "string" ? blob : value]
      : [name, value],
  );
  return { ...first, headers };
}
