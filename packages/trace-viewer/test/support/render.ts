import { inflateRawSync } from "node:zlib";
import type { BundleSource } from "@codex-ts/rollout-trace";
import { renderTraceHtml } from "@codex-ts/trace-viewer";
import type { RenderTraceOptions } from "@codex-ts/trace-viewer";
import type { PageIndex } from "@codex-ts/trace-viewer-page/format";

export async function renderWhole(
  source: BundleSource,
  options?: RenderTraceOptions,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of renderTraceHtml(source, options)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What is embedded in a page: its index, and all texts in order. */
export function dataOf(page: Buffer): {
  readonly index: PageIndex;
  readonly texts: readonly string[];
} {
  const elements = new Map<string, string>();
  for (const [, id = "", data = ""] of page
    .toString()
    .matchAll(/<script type="text\/plain" id="(\w+)">([A-Za-z\d+/=]*)<\/script>/g))
    elements.set(id, inflateRawSync(Buffer.from(data, "base64")).toString());
  const index = JSON.parse(elements.get("index") ?? "") as PageIndex;
  const { firsts, lengths } = index.texts;
  const blocks = firsts.map((_, block) => elements.get(`b${block}`) ?? "");
  let at = 0;
  const whole = blocks.join("");
  const texts = lengths.map((length) => whole.slice(at, (at += length)));
  return { index, texts };
}
