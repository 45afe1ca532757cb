import { readContents } from "@codex-ts/rollout-trace";
import type { BundleSource, TraceDiagnostic, ZstdDecoder } from "@codex-ts/rollout-trace";
import type { PriceList } from "@codex-ts/rollout-trace/ledger";
import { readWireLog } from "@codex-ts/rollout-trace/wire";
import { buildIndex } from "./build/page-index.ts";
import { pageHtml } from "./build/page-html.ts";
import { TextBlocks } from "./build/text-blocks.ts";

/** Options of {@link renderTraceHtml}. */
export interface RenderTraceOptions {
  /** Prices of models, to show what the run cost. Default: tokens only. */
  readonly prices?: PriceList | undefined;
  /**
   * Longest text kept whole, in characters: one item, one tool list, one response. Of a longer one the page has the
   * beginning, the end, the size and a hash. Default 8388608.
   */
  readonly maxTextLength?: number | undefined;
  /** Makes decoders for the shards of schema 3. Default: Node's own zstd. */
  readonly zstd?: ZstdDecoder | undefined;
  /** Receives what was wrong with the bundle, once it is read. The page says it, too. */
  readonly onDiagnostics?: ((diagnostics: readonly TraceDiagnostic[]) => void) | undefined;
  /** Stops the work; the iteration then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Renders a bundle as one HTML file: data, program and style in one, which opens offline and makes no request. Yields the
 * bytes of the file in pieces; the same bundle makes the same bytes. Damaged, failed and running bundles make a page that
 * says so. Rejects like `reduceBundle` in tolerant mode: only where there is no bundle at all.
 */
export async function* renderTraceHtml(
  source: BundleSource,
  options: RenderTraceOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const { prices, signal, zstd, maxTextLength } = options;
  const contents = await readContents(source, { signal, zstd });
  options.onDiagnostics?.(contents.diagnostics);
  const wireLog = await readWireLog(source);
  const blocks = new TextBlocks(maxTextLength);
  const index = buildIndex(contents, { blocks, prices, wireLog });
  yield* pageHtml(blocks, index, signal);
}
