import { expect, test } from "vitest";
import { readRolloutLine, toWireRolloutLine } from "@codex-ts/protocol";

const AT = '{"timestamp":"2026-11-20T18:27:10.123Z",';

const LINES: readonly string[] = [
  `${AT}"type":"session_meta","payload":{"id":"th","forked_from_id":"f","parent_thread_id":"p","timestamp":"2026-11-20T18:27:10.123Z","cwd":"/w","originator":"codex_exec","cli_version":"0.140.0","source":{"subagent":{"other":"scout"}},"thread_source":"subagent","agent_nickname":"n","agent_role":"r","agent_path":"/root/a","model_provider":"openai","base_instructions":{"text":"t"},"dynamic_tools":[{"name":"x"}],"memory_mode":"m","multi_agent_version":"v2","git":{"branch":"main"}}}`,
  `${AT}"type":"session_meta","payload":{"id":"th","timestamp":"x","cwd":"/w","originator":"o","cli_version":"v","source":"exec","model_provider":null,"base_instructions":null}}`,
  `${AT}"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}}`,
  `${AT}"type":"compacted","payload":{"message":"","replacement_history":[{"type":"compaction","encrypted_content":"e"}]}}`,
  `${AT}"type":"compacted","payload":{"message":"summary"}}`,
  `${AT}"type":"turn_context","payload":{"turn_id":"t","cwd":"/w","workspace_roots":["/w"],"current_date":"2026-11-20","timezone":"Etc/UTC","approval_policy":"on-request","sandbox_policy":{"type":"workspace-write","network_access":false,"exclude_tmpdir_env_var":false,"exclude_slash_tmp":false},"permission_profile":{"type":"disabled"},"network":{},"file_system_sandbox_policy":{},"model":"m","personality":"friendly","collaboration_mode":{"mode":"default"},"multi_agent_version":"disabled","realtime_active":false,"effort":"high","summary":"auto"}}`,
  `${AT}"type":"turn_context","payload":{"cwd":"/w","approval_policy":"never","sandbox_policy":{"type":"danger-full-access"},"model":"m","summary":"none"}}`,
  `${AT}"type":"event_msg","payload":{"type":"context_compacted"}}`,
  `${AT}"type":"inter_agent_communication","payload":{"author":"/root"}}`,
];

test.each(LINES)("[protocol/P36] %s", (text) => {
  const line = readRolloutLine(JSON.parse(text));
  expect(line && JSON.stringify(toWireRolloutLine(line))).toBe(text);
});

test("[protocol/P12] members of newer versions are dropped", () => {
  const newer = {
    timestamp: "x",
    ordinal: 7,
    type: "response_item",
    payload: { type: "message", id: "msg_1", role: "user", content: [] },
    metadata: {},
  };
  const line = readRolloutLine(newer);
  expect(line && JSON.stringify(toWireRolloutLine(line))).toBe(
    '{"timestamp":"x","type":"response_item","payload":{"type":"message","role":"user","content":[]}}',
  );
});

test("an item of unknown type stays in the file as it came", () => {
  const payload = { type: "brand_new", a: 1 };
  const line = readRolloutLine({ timestamp: "x", type: "response_item", payload });
  expect(line?.payload).toEqual({ type: "other", raw: payload });
  expect(line && toWireRolloutLine(line)["payload"]).toBe(payload);
});

test("a source that is not said is `vscode`", () => {
  const { payload } = JSON.parse(LINES[1] ?? "") as { payload: Record<string, unknown> };
  delete payload["source"];
  const line = readRolloutLine({ timestamp: "x", type: "session_meta", payload });
  expect(line?.type === "session_meta" && line.payload.source).toBe("vscode");
});

test.each([
  null,
  [],
  { type: "event_msg", payload: { type: "context_compacted" } },
  { timestamp: "x", payload: {} },
  { timestamp: "x", type: "event_msg" },
  { timestamp: "x", type: "response_item", payload: { type: "message" } },
  { timestamp: "x", type: "compacted", payload: { message: "", replacement_history: [{}] } },
  { timestamp: "x", type: "turn_context", payload: { cwd: "/w" } },
])("does not fit: %j", (value) => {
  expect(readRolloutLine(value)).toBeUndefined();
});
