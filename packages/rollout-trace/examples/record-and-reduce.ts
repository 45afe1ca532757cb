import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBundle, reduceBundle, ThreadTrace } from "@codex-ts/rollout-trace";

const root = mkdtempSync(join(tmpdir(), "traces-"));
const model = { model: "m", providerName: "p" };
const policies = { approvalPolicy: "never", sandboxPolicy: "read-only" };
const place = { agentPath: "/root", sessionSource: "exec", cwd: root } as const;
const metadata = { threadId: "thread-1", ...place, ...model, ...policies };

const thread = ThreadTrace.startRoot({ root, metadata });
thread.recordTurnStarted({ turnId: "turn-1" });
const attempt = thread.inferenceContext({ turnId: "turn-1", ...model }).startAttempt();
attempt.recordStarted({ input: [{ type: "message", role: "user", content: [] }] });
attempt.recordFailed({ error: "reset", upstreamRequestId: "req_1", outputItems: [] });
await thread.close();

const { state, diagnostics } = await reduceBundle(openBundle(thread.bundlePath ?? root));
for (const { execution, upstream_request_id: id } of Object.values(state.inference_calls))
  console.log(`${execution.status}, upstream request ${id}, problems ${diagnostics.length}`);
rmSync(root, { recursive: true });
