import { nodePlatform } from "./reader/node-platform.ts";
import type { BundleSource } from "./reader/source.ts";
import { reduceWith } from "./reducer/reduce-with.ts";
import type { ReducedBundle } from "./reducer/reduce-with.ts";
import type { ReduceBundleOptions } from "./reducer/replay/replay-bundle.ts";

/**
 * Reduces a bundle to its state. Tolerant mode (the default) never rejects because of content, only with
 * `bundle_missing` when there is neither manifest nor log; strict mode rejects with a `TraceReadError` for the first
 * problem. The same as `reduceBundle` of `@codex-ts/rollout-trace/reducer`, with Node's byte operations and zstd.
 */
export function reduceBundle(
  source: BundleSource,
  options: ReduceBundleOptions = {},
): Promise<ReducedBundle> {
  return reduceWith(nodePlatform(), source, options);
}
