import { pageScript, pageStyle } from "#page";
import { readContents } from "@codex-ts/rollout-trace";
import type { BundleSource, TraceDiagnostic, ZstdDecoder } from "@codex-ts/rollout-trace";
import type { PriceList } from "@codex-ts/rollout-trace/ledger";
import { readWireLog } from "@codex-ts/rollout-trace/wire";
import { buildIndex } from "./build/page-index.ts";
import { TextBlocks } from "./build/text-blocks.ts";
import { packText } from "./build/pack-text.ts";

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

const DEFAULT_MAX_TEXT_LENGTH = 8 * 1024 * 1024;

/** Nothing but what the page itself holds is ever loaded or run. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";

/**
 * Renders a bundle as one HTML file: data, program and style in one, which opens offline and makes no request. Yields the
 * bytes of the file in pieces; the same bundle makes the same bytes. Damaged, failed and running bundles make a page that
 * says so. Rejects like `reduceBundle` in tolerant mode: only where there is no bundle at all.
 */
export async function* renderTraceHtml(
  source: BundleSource,
  options: RenderTraceOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const { prices, signal, zstd, maxTextLength = DEFAULT_MAX_TEXT_LENGTH } = options;
  const contents = await readContents(source, { signal, zstd });
  options.onDiagnostics?.(contents.diagnostics);
  const wireLog = await readWireLog(source);
  const blocks = new TextBlocks(maxTextLength);
  const index = buildIndex(contents, { blocks, prices, wireLog });
  const encoder = new TextEncoder();
  yield encoder.encode(head());
  for (const block of blocks.packed()) {
    signal?.throwIfAborted();
    yield encoder.encode(dataElement(block.id, block.text));
  }
  yield encoder.encode(dataElement("index", packText(JSON.stringify(index(blocks.table)))));
  yield encoder.encode(`<script>${pageScript}</script>\n</body>\n</html>\n`);
}

function head(): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    '<meta name="referrer" content="no-referrer">',
    "<title>Codex trace</title>",
    `<style>${pageStyle}</style>`,
    "</head>",
    "<body>",
    '<div id="app"><p class="loading">Opening the trace…</p></div>',
    "<noscript>This page needs JavaScript: it shows data that is embedded in it and loads nothing.</noscript>",
    "",
  ].join("\n");
}

/** Base64 has nothing that could end the element. */
function dataElement(id: string, base64: string): string {
  return `<script type="text/plain" id="${id}">${base64}</script>\n`;
}
