import { nodePlatform } from "./reader/node-platform.ts";
import type { BundleSource } from "./reader/source.ts";
import { reduceWith } from "./reducer/reduce-with.ts";
import type { ReduceBundleOptions } from "./reducer/replay/replay-bundle.ts";
import { ContentCollector } from "./requests/collect-contents.ts";
import type { TraceContents } from "./requests/contents.ts";

/**
 * Reduces a bundle like `reduceBundle`, and keeps what its requests and responses say: what the model saw, in full. Takes
 * memory for every different text of the bundle.
 */
export async function readContents(
  source: BundleSource,
  options: Omit<ReduceBundleOptions, "observer"> = {},
): Promise<TraceContents> {
  const collector = new ContentCollector();
  const reduced = await reduceWith(nodePlatform(), source, { ...options, observer: collector });
  return collector.contents(reduced);
}
