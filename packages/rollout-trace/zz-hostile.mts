import { parseWireLog, joinWire, summarizeWire, diagnose } from "@codex-ts/rollout-trace/wire";
import { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
const NO = { inference_calls: {}, compaction_requests: {} };
const OPENED = { type: "wire_opened", wire_version: 1, trace_id: "t", rollout_id: "r", bundle_schema: 3, writer: { name: "w", version: "1", node: "24" }, policy: { headers: "allow-list-1", bodies: "none" } };
const S = (id: string, more: any = {}) => ({ type: "attempt_started", attempt_id: id, request_kind: "turn", turn_id: "turn", transport: "http", endpoint: "responses", attempt_number: 0, method: "POST", url: "https://host.example/v1", queued_at_ms: 1000, request: { bytes: 1, headers: [] }, ...more });
const T = { credentials: 1, connected: 2, sent: 3, responded: null, first_byte: null, first_event: null, first_output: null, last_event: null, ended: 9 };
const E = (id: string, more: any = {}) => ({ type: "attempt_ended", attempt_id: id, request_kind: "turn", turn_id: "turn", outcome: "failed", redirects: 0, t: T, response_bytes: 0, events: 0, max_gap_us: 0, max_gap_after: null, stalls: 0, error: { code: "network", reason: "refused", message: "x" }, retry: { will_retry: false, reason: "n" }, ...more });
const log = (rs: object[]) => rs.map((r, i) => JSON.stringify({ seq: i + 1, at_ms: 1000 + i, ...r })).join("\n") + "\n";
function run(name: string, text: string | (() => string)) {
  const t0 = performance.now();
  try {
    const src = typeof text === "function" ? text() : text;
    const t1 = performance.now();
    const l = parseWireLog(src); const t2 = performance.now();
    const j = joinWire(NO as any, l); const s = summarizeWire(l, j);
    console.log(name, `${(src.length / 1e6).toFixed(1)} MB parse ${(t2 - t1 | 0)} ms, join ${(performance.now() - t2 | 0)} ms`, "records", l.records.length, "requests", j.requests.length, "findings", s.findings.length, "diag", l.diagnostics.length, JSON.stringify(l.diagnostics[0] ?? null), s.findings[0]?.request.diagnosis.sentence.slice(0, 200));
  } catch (e: any) { console.log(name, "!!! THROWS", e.message, e.stack?.split("\n").slice(1, 4).join(" | ")); }
}
const N = 300_000;
run("stalls", () => log([OPENED, S("a"), ...Array.from({ length: N }, (_, i) => ({ type: "stall", attempt_id: "a", request_kind: "turn", gap_ms: 1, after_event: "e", events: i }))]));
run("frames", () => log([OPENED, S("a"), ...Array.from({ length: 3000 }, (_, i) => ({ type: "frames", attempt_id: "a", request_kind: "turn", names: ["x"], from_us: 1, rows: Array.from({ length: 256 }, () => [1, 0, 1, 0]) }))]));
run("one-chain", () => log([OPENED, ...Array.from({ length: 100_000 }, (_, i) => [S("a" + i, { inference_call_id: "c" }), E("a" + i, { inference_call_id: "c" })]).flat()]));
run("one-chain-retry", () => log([OPENED, ...Array.from({ length: 80_000 }, (_, i) => [S("a" + i), E("a" + i), { type: "retry_scheduled", by: "turn", after_attempt_id: "a" + i, delay_ms: 1, delay_source: "backoff", reason: "x", number: 1, of: 1 }]).flat()]));
run("many-requests", () => log([OPENED, ...Array.from({ length: 100_000 }, (_, i) => [S("a" + i, { turn_id: "t" + i }), E("a" + i, { turn_id: "t" + i })]).flat()]));
run("other-1e6", () => Array.from({ length: 1e6 }, (_, i) => `{"seq":${i + 1},"at_ms":1,"type":"x"}`).join("\n") + "\n");
run("garbage-1e6", () => "x\n".repeat(1e6));
run("auth-many", () => log([OPENED, S("a"), E("a", { error: { code: "http_status", status: 401, message: "m" } }), ...Array.from({ length: N }, (_, i) => ({ type: "auth", step: "refresh", outcome: "refused", code: "c" + i, duration_ms: 1, caused_by_attempt_id: "a" }))]));
run("deep", () => log([OPENED]) + `{"seq":2,"at_ms":1,"type":"attempt_started","request":` + "[".repeat(400_000) + "]".repeat(400_000) + "}\n");
run("deep2", () => log([OPENED]) + "[".repeat(500_000) + "]".repeat(500_000) + "\n");
run("times", log([OPENED, S("a", { queued_at_ms: Number.MAX_SAFE_INTEGER }), E("a", { t: { ...T, ended: Number.MAX_SAFE_INTEGER, sent: Number.MAX_SAFE_INTEGER } })]));
run("neg", log([OPENED, S("a", { queued_at_ms: -1 }), E("a", { t: { ...T, ended: -5 } })]));
run("dup", log([OPENED, S("a"), S("a"), E("a"), E("a")]));
run("ctrl", log([OPENED, S("a", { url: "https://h\u001b[31m.example/\u0007" }), E("a", { close: { code: 1011, reason: "a\u001b]0;x\u0007\u202e\u009b31m", by: "server", clean: true }, error: { code: "x", message: "m\u001b[2Jx" } })]));
run("unknown-ended", log([OPENED, E("zzz")]));
run("conn", log([OPENED, S("a", { transport: "websocket", connection_id: "c", position: 3 }), E("a", { connection_id: "c", position: 3 }), { type: "connection_closed", connection_id: "c", close: { code: 1006, by: "network", clean: false }, requests: 1, age_ms: 1, idle_ms: Number.MAX_SAFE_INTEGER }]));
run("long-line", () => log([OPENED]) + `{"seq":2,"at_ms":1,"type":"x","a":"${"y".repeat(3e6)}"}\n` + log([S("a"), E("a")]));
run("dup-keys", log([OPENED]) + '{"seq":2,"at_ms":1,"type":"x","type":"attempt_started","__proto__":{"a":1}}\n');
run("bom-crlf", "\ufeff" + log([OPENED, S("a"), E("a")]).replaceAll("\n", "\r\n"));
run("nul", log([OPENED]) + "\0".repeat(1000) + "\n" + log([S("a"), E("a")]));
