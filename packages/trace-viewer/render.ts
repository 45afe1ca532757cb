import { openBundle } from "@codex-ts/rollout-trace";
import { renderTraceHtml } from "@codex-ts/trace-viewer";
import { createWriteStream } from "node:fs";
const [bundle, out] = process.argv.slice(2);
const t = process.cpuUsage(); let n = 0;
const f = createWriteStream(out!);
for await (const c of renderTraceHtml(openBundle(bundle!))) { f.write(c); n += c.length; }
f.end();
const c = process.cpuUsage(t); console.log(out, n, "bytes", Math.round((c.user + c.system) / 1000), "ms cpu", Math.round(process.memoryUsage().rss/1e6), "MB");
