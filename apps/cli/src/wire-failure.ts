import { openBundle } from "@codex-ts/rollout-trace";
import { joinWire, readWireLog, summarizeWire } from "@codex-ts/rollout-trace/wire";
import type { WireDiagnosis } from "@codex-ts/rollout-trace/wire";

/** The wire log knows the attempts by themselves. */
const NO_CALLS = { inference_calls: {}, compaction_requests: {} };

/** This process is alive. */
const SAYS_NOTHING: ReadonlySet<WireDiagnosis["code"]> = new Set(["unknown", "process_died"]);

/** Why the last request of a turn failed, from the wire log of its bundle; `undefined` where that does not say it. */
export async function wireDiagnosis(
  bundlePath: string | undefined,
  turnId: string,
): Promise<WireDiagnosis | undefined> {
  if (bundlePath === undefined) return undefined;
  try {
    const log = await readWireLog(openBundle(bundlePath));
    const { findings } = summarizeWire(log, joinWire(NO_CALLS, log));
    const last = findings.findLast(({ request }) => request.turnId === turnId);
    if (last?.severity !== "failed") return undefined;
    const { diagnosis } = last.request;
    return SAYS_NOTHING.has(diagnosis.code) ? undefined : diagnosis;
  } catch {
    // The failure that led here is the one to report.
    return undefined;
  }
}
