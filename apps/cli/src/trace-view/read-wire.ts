import { openBundle } from "@codex-ts/rollout-trace";
import type { ReducedTrace } from "@codex-ts/rollout-trace";
import { joinWire, readWireLog } from "@codex-ts/rollout-trace/wire";
import type { WireJoin, WireLog } from "@codex-ts/rollout-trace/wire";
import type { TextOutput } from "../cli-process.ts";
import { warnOn } from "../render/warn-on.ts";
import { MAX_DIAGNOSTICS } from "./diagnostics.ts";

/** A wire log, joined with the trace of its bundle. */
export interface BundleWire {
  readonly log: WireLog;
  readonly join: WireJoin;
}

/** Reads the wire log of a bundle; `undefined` when there is none. */
export async function readWire(
  bundlePath: string,
  state: ReducedTrace,
): Promise<BundleWire | undefined> {
  const log = await readWireLog(openBundle(bundlePath));
  return log.isPresent ? { log, join: joinWire(state, log) } : undefined;
}

/** Lists what had to be passed over, one line each. */
export function writeWireDiagnostics({ join }: BundleWire, stderr: TextOutput): void {
  const warn = warnOn(stderr);
  const { diagnostics } = join;
  for (const { line, message } of diagnostics.slice(0, MAX_DIAGNOSTICS)) {
    const where = line === undefined ? "" : ` line ${line}`;
    warn(`wire.jsonl${where}: ${message}`);
  }
  const rest = diagnostics.length - MAX_DIAGNOSTICS;
  if (rest > 0) warn(`wire.jsonl: ${rest} more problems`);
}
