import type { AnyIndex } from "@codex-ts/trace-viewer-page/format";
import { render } from "preact";
import type { JSX } from "preact";
import { Differences } from "./data/differences.ts";
import { decodeElement } from "./data/text-store.ts";
import { Trace } from "./data/trace.ts";
import { followPair } from "./state/diff-route.ts";
import { handleKeys } from "./state/keys.ts";
import { followAddress } from "./state/route.ts";
import { searchAsTyped } from "./state/search.ts";
import { App } from "./view/app.tsx";
import { DiffApp } from "./view/diff-app.tsx";

declare global {
  /** For tests: set when the page can be used. */
  var codexTrace: { readonly ready: true } | undefined;
}

const place = document.querySelector("#app");
if (place !== null) void start(place);

async function start(element: Element): Promise<void> {
  performance.mark("trace-start");
  try {
    const index = JSON.parse(await decodeElement("index")) as AnyIndex;
    const app =
      "kind" in index ? differencesApp(new Differences(index)) : traceApp(new Trace(index));
    element.textContent = "";
    render(app, element);
    performance.measure("trace-ready", "trace-start");
    globalThis.codexTrace = { ready: true };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    element.textContent = `The trace cannot be shown: ${problem}. Export it again, or open it in a newer browser.`;
  }
}

function traceApp(trace: Trace): JSX.Element {
  followAddress(trace);
  handleKeys(trace);
  searchAsTyped(trace);
  document.title = `Codex trace ${trace.index.trace.traceId}`;
  return <App trace={trace} />;
}

function differencesApp(differences: Differences): JSX.Element {
  followPair(differences);
  document.title = `Codex trace: ${differences.title}`;
  return <DiffApp differences={differences} />;
}
