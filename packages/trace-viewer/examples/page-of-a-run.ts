import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBundle, ThreadTrace } from "@codex-ts/rollout-trace";
import { renderTraceHtml } from "@codex-ts/trace-viewer";

// A run to show: one request that failed.
const root = mkdtempSync(join(tmpdir(), "traces-"));
const model = { model: "m", providerName: "p" };
const policies = { approvalPolicy: "never", sandboxPolicy: "read-only" };
const place = { agentPath: "/root", sessionSource: "exec", cwd: root } as const;
const thread = ThreadTrace.startRoot({
  root,
  metadata: { threadId: "thread-1", ...place, ...model, ...policies },
});
thread.recordTurnStarted({ turnId: "turn-1" });
const attempt = thread.inferenceContext({ turnId: "turn-1", ...model }).startAttempt();
attempt.recordStarted({ input: [{ type: "message", role: "user", content: [] }] });
attempt.recordFailed({ error: "reset", upstreamRequestId: "req_1", outputItems: [] });
await thread.close();

// The page is written while it is made.
const file = join(root, "run.html");
await writeFile(file, renderTraceHtml(openBundle(thread.bundlePath ?? root)), { mode: 0o600 });

const page = readFileSync(file, "utf8");
console.log(`one file: ${page.startsWith("<!doctype html>")}`);
console.log(`loads something: ${/(?:src|href)=["']?https?:/.test(page)}`);
rmSync(root, { recursive: true });
