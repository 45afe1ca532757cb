import { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import { mkdtempSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
const schema = Number(process.argv[2]); const N = Number(process.argv[3] ?? 200); const wait = Number(process.argv[4] ?? 0);
const WORDS = "the command reads a file and counts its lines, then says how many there are. ".repeat(6);
const tools = Array.from({length: 8}, (_, i) => ({ type: "function", name: "tool" + i, description: WORDS, parameters: { type: "object", properties: { a: { type: "string", description: WORDS } } } }));
async function run(enabled) {
  const root = mkdtempSync("/tmp/mb/r-");
  const t = enabled ? ThreadTrace.startRoot({ root, schemaVersion: schema, metadata: { threadId: "t1", agentPath: "/root", sessionSource: "exec", cwd: "/", model: "m", providerName: "p", approvalPolicy: "never", sandboxPolicy: "x" } }) : ThreadTrace.disabled();
  const wire = [], prompt = [];
  const add = (item) => { wire.push(item); prompt.push({ ...item, internal_chat_message_metadata_passthrough: { turn_id: "turn-1", create_time: 1.5 } }); };
  t.recordTurnStarted({ turnId: "turn-1" });
  add({ type: "message", id: "msg_1", role: "user", content: [{ type: "input_text", text: WORDS }] });
  const start = process.cpuUsage();
  const ctx = t.inferenceContext({ turnId: "turn-1", model: "m", providerName: "p" });
  for (let i = 0; i < N; i++) {
    const a = ctx.startAttempt();
    const body = { model: "m", stream: true, input: [{ type: "message", id: "msg_0", role: "developer", content: [{ type: "input_text", text: "instr" }] }, ...wire], tools, tool_choice: "auto", client_metadata: { a: WORDS + i } };
    a.recordStarted(body, { itemIds: "keep", preparedPrompt: () => ({ input: [...prompt], tools, parallel_tool_calls: true, base_instructions: { text: "instr", provenance: { type: "model", model: "m" } }, output_schema: null, output_schema_strict: true, prompt_cache_ttl: null, cyber_access_program: null }) });
    const call = { type: "function_call", id: "fc_" + i, name: "no_such_tool", arguments: JSON.stringify({ text: i + WORDS }), call_id: "call_" + i };
    const out = { type: "function_call_output", id: "fco_" + i, call_id: "call_" + i, output: "unsupported call: no_such_tool" };
    a.observeOutputItem(call);
    t.recordHistoryItemAccepted({ turnId: "turn-1", item: call, wireItemId: call.id });
    const d = t.startToolDispatch(() => ({ turnId: "turn-1", toolCallId: call.call_id, item: call, toolName: call.name, toolNamespace: null, payload: { type: "function", arguments: call.arguments } }));
    d.recordFailed({ error: "unsupported" });
    a.recordCompleted({ responseId: "resp_" + i, upstreamRequestId: "req", tokenUsage: null, outputItems: [call] });
    t.recordHistoryItemAccepted({ turnId: "turn-1", item: out, wireItemId: out.id });
    add(call); add(out);
    if (wait) await delay(wait); else await null;
  }
  await t.close();
  const u = process.cpuUsage(start);
  rmSync(root, { recursive: true });
  return [u.user / 1000, u.system / 1000];
}
await run(true); await run(false);
const on = [], off = [];
for (let k = 0; k < 5; k++) { on.push(await run(true)); off.push(await run(false)); }
const med = (l) => l.map(([a, b]) => a + b).sort((a, b) => a - b)[2].toFixed(0);
console.log("schema", schema, "wait", wait, "on", med(on), "off", med(off), on.map((x) => x.map(Math.round).join("+")).join(" "));
