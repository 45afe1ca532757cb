import { portableByteOperations } from "../json/bytes.ts";
import type { ReducedTrace } from "../model/trace.ts";
import type { TraceDiagnostic } from "../reader/problem.ts";
import type { BundleSource } from "../reader/source.ts";
import { replayBundle } from "./replay/replay-bundle.ts";
import type { Platform, ReduceBundleOptions } from "./replay/replay-bundle.ts";

/** The state of a bundle, and the problems that were passed over (none in strict mode). */
export interface ReducedBundle {
  readonly state: ReducedTrace;
  readonly diagnostics: readonly TraceDiagnostic[];
}

/**
 * Reduces a bundle to its state. Tolerant mode never rejects because of content, only with `bundle_missing` when there
 * is neither manifest nor log; strict mode rejects with a {@link TraceReadError} for the first problem.
 */
export function reduceBundle(
  source: BundleSource,
  options: ReduceBundleOptions = {},
): Promise<ReducedBundle> {
  return reduceWith({ bytes: portableByteOperations(), zstd: undefined }, source, options);
}

/** The same with what a platform has. */
export async function reduceWith(
  platform: Platform,
  source: BundleSource,
  options: ReduceBundleOptions,
): Promise<ReducedBundle> {
  const replay = await replayBundle(platform, source, options);
  return { state: replay.state("taken"), diagnostics: replay.diagnostics };
}
