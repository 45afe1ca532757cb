import { render } from "preact";
import { Trace } from "./data/trace.ts";
import { handleKeys } from "./state/keys.ts";
import { followAddress } from "./state/route.ts";
import { searchAsTyped } from "./state/search.ts";
import { App } from "./view/app.tsx";

declare global {
  /** For tests: set when the page can be used. */
  var codexTrace: { readonly ready: true } | undefined;
}

const place = document.querySelector("#app");
if (place !== null) void start(place);

async function start(element: Element): Promise<void> {
  performance.mark("trace-start");
  try {
    const trace = await Trace.open();
    followAddress(trace);
    handleKeys(trace);
    searchAsTyped(trace);
    element.textContent = "";
    const { traceId } = trace.index.trace;
    document.title = `Codex trace ${traceId}`;
    render(<App trace={trace} />, element);
    performance.measure("trace-ready", "trace-start");
    globalThis.codexTrace = { ready: true };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    element.textContent = `The trace cannot be shown: ${problem}. Export it again, or open it in a newer browser.`;
  }
}
