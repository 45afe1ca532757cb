import { openBundle } from "@codex-ts/rollout-trace";
import type { ReducedTrace } from "@codex-ts/rollout-trace";
import { joinWire, readWireLog } from "@codex-ts/rollout-trace/wire";
import type { WireJoin, WireLog } from "@codex-ts/rollout-trace/wire";
import type { TextOutput } from "../cli-process.ts";

/** A wire log, joined with the trace of its bundle. */
export interface BundleWire {
  readonly log: WireLog;
  readonly join: WireJoin;
}

/** Reads the wire log of a bundle; `undefined` when there is none. */
export async function readWire(
  bundlePath: string,
  state: Pick<ReducedTrace, "inference_calls" | "compaction_requests">,
): Promise<BundleWire | undefined> {
  const log = await readWireLog(openBundle(bundlePath));
  return log.isPresent ? { log, join: joinWire(state, log) } : undefined;
}

/** A badly damaged log has thousands. */
const MAX_LINES = 20;

/** Lists what had to be passed over, one line each. */
export function writeWireDiagnostics({ join }: BundleWire, stderr: TextOutput): void {
  const { diagnostics } = join;
  for (const { line, message } of diagnostics.slice(0, MAX_LINES)) {
    const where = line === undefined ? "" : ` line ${line}`;
    stderr.write(`warning: wire.jsonl${where}: ${message}\n`);
  }
  const rest = diagnostics.length - MAX_LINES;
  if (rest > 0) stderr.write(`warning: wire.jsonl: ${rest} more problems\n`);
}
