// Builds the page of a session of so many requests in a process of its own, and prints what that took.
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { sessionOnDemand } from "./session-on-demand.ts";

// The program of a page is 160 KB, and bundling it from its source takes memory that no published package needs.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "#page"
      ? {
          url: `data:text/javascript,${encodeURIComponent('export const pageScript = "", pageStyle = "";')}`,
          shortCircuit: true,
        }
      : next(specifier, context),
});
const { renderTraceHtml } = await import("@codex-ts/trace-viewer");
const source = sessionOnDemand(Number(process.argv[2]));
let pageBytes = 0;
for await (const { length } of renderTraceHtml(source)) pageBytes += length;
process.stdout.write(
  JSON.stringify({
    pageBytes,
    payloadBytes: source.payloadBytes,
    peakBytes: peakBytes(),
  }),
);

/** The kernel counts in `maxRSS` what the process that started this one had in memory. */
function peakBytes(): number {
  const status = "/proc/self/status";
  const peak = existsSync(status) && /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(status, "utf8"))?.[1];
  return (peak ? Number(peak) : process.resourceUsage().maxRSS) * 1024;
}
