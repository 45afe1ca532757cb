import { pageScript, pageStyle } from "#page";
import type { AnyIndex, TextTable } from "@codex-ts/trace-viewer-page/format";
import { packText } from "./pack-text.ts";
import type { TextBlocks } from "./text-blocks.ts";

/** Nothing but what the page itself holds is ever loaded or run. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";

/** The bytes of a page in pieces. Rejects with the signal's reason once it is aborted. */
export function* pageHtml(
  blocks: TextBlocks,
  index: (texts: TextTable) => AnyIndex,
  signal: AbortSignal | undefined,
): Generator<Uint8Array, void> {
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
