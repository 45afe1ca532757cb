/** One full and one minimal instance of every kind of item, as received and as written to a request. */
export interface ItemCase {
  readonly name: string;
  readonly received: Readonly<Record<string, unknown>>;
  /** JSON text, because the order of members counts. */
  readonly wire: string;
}

const junk = { zebra: 1, logprobs: [] };
const part = { type: "input_text", text: "hi", annotations: [] };

const entry = (
  name: string,
  received: Readonly<Record<string, unknown>>,
  wire: string,
): ItemCase => ({ name, received, wire });

/** Received members stand in another order than they are written, with unknown ones between them. */
export const ITEM_CASES: readonly ItemCase[] = [
  entry(
    "message, full",
    {
      ...junk,
      phase: "final_answer",
      content: [part, { type: "output_text", text: "yo", logprobs: [] }],
      role: "assistant",
      id: "msg_1",
      status: "completed",
      type: "message",
    },
    '{"type":"message","role":"assistant","content":[{"type":"input_text","text":"hi"},{"type":"output_text","text":"yo"}],"phase":"final_answer"}',
  ),
  entry(
    "message, minimal",
    { type: "message", role: "critic", content: [] },
    '{"type":"message","role":"critic","content":[]}',
  ),
  entry(
    "message with images",
    {
      type: "message",
      role: "user",
      content: [
        { type: "input_image", detail: "low", image_url: "data:,a" },
        { type: "input_image", image_url: "data:,b", detail: null },
      ],
    },
    '{"type":"message","role":"user","content":[{"type":"input_image","image_url":"data:,a","detail":"low"},{"type":"input_image","image_url":"data:,b"}]}',
  ),
  entry(
    "agent_message",
    {
      type: "agent_message",
      id: "amsg_1",
      content: [part, { type: "encrypted_content", encrypted_content: "e" }],
      recipient: "/root/a",
      author: "/root",
    },
    '{"type":"agent_message","author":"/root","recipient":"/root/a","content":[{"type":"input_text","text":"hi"},{"type":"encrypted_content","encrypted_content":"e"}]}',
  ),
  entry(
    "reasoning, full",
    {
      type: "reasoning",
      id: "rs_1",
      encrypted_content: "e",
      content: [
        { type: "text", text: "a" },
        { type: "reasoning_text", text: "b" },
      ],
      summary: [{ type: "summary_text", text: "s", extra: 1 }],
    },
    '{"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"content":[{"type":"text","text":"a"},{"type":"reasoning_text","text":"b"}],"encrypted_content":"e"}',
  ),
  entry(
    "reasoning, minimal",
    { type: "reasoning", summary: [] },
    '{"type":"reasoning","summary":[],"content":null,"encrypted_content":null}',
  ),
  entry(
    "local_shell_call, full",
    {
      type: "local_shell_call",
      id: "ls_1",
      call_id: "c",
      status: "completed",
      action: {
        user: "me",
        env: { __proto_: "x", A: "1" },
        working_directory: "/w",
        timeout_ms: 5,
        command: ["ls", "-l"],
        type: "exec",
      },
    },
    '{"type":"local_shell_call","call_id":"c","status":"completed","action":{"type":"exec","command":["ls","-l"],"timeout_ms":5,"working_directory":"/w","env":{"__proto_":"x","A":"1"},"user":"me"}}',
  ),
  entry(
    "local_shell_call, minimal",
    { type: "local_shell_call", status: "in_progress", action: { type: "exec", command: [] } },
    '{"type":"local_shell_call","call_id":null,"status":"in_progress","action":{"type":"exec","command":[],"timeout_ms":null,"working_directory":null,"env":null,"user":null}}',
  ),
  entry(
    "function_call, full",
    {
      type: "function_call",
      id: "fc_1",
      status: "completed",
      call_id: "c",
      arguments: "{ not json",
      namespace: "mcp__x",
      name: "f",
    },
    '{"type":"function_call","name":"f","namespace":"mcp__x","arguments":"{ not json","call_id":"c"}',
  ),
  entry(
    "function_call, minimal",
    { type: "function_call", name: "f", arguments: "", call_id: "c" },
    '{"type":"function_call","name":"f","arguments":"","call_id":"c"}',
  ),
  entry(
    "tool_search_call, full",
    {
      type: "tool_search_call",
      id: "ts_1",
      arguments: { b: 1, a: [null] },
      execution: "client",
      status: "completed",
      call_id: "c",
    },
    '{"type":"tool_search_call","call_id":"c","status":"completed","execution":"client","arguments":{"b":1,"a":[null]}}',
  ),
  entry(
    "tool_search_call, minimal",
    { type: "tool_search_call", execution: "server", arguments: null },
    '{"type":"tool_search_call","call_id":null,"execution":"server","arguments":null}',
  ),
  entry(
    "function_call_output with text",
    { type: "function_call_output", id: "fco_1", output: "ok", call_id: "c", success: true },
    '{"type":"function_call_output","call_id":"c","output":"ok"}',
  ),
  entry(
    "function_call_output with parts",
    {
      type: "function_call_output",
      call_id: "c",
      output: [
        part,
        { type: "input_image", image_url: "data:,a" },
        { type: "encrypted_content", encrypted_content: "e" },
      ],
    },
    '{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"hi"},{"type":"input_image","image_url":"data:,a"},{"type":"encrypted_content","encrypted_content":"e"}]}',
  ),
  entry(
    "custom_tool_call, full",
    {
      type: "custom_tool_call",
      id: "ctc_1",
      input: "i",
      name: "n",
      namespace: "later",
      call_id: "c",
      status: "completed",
    },
    '{"type":"custom_tool_call","status":"completed","call_id":"c","name":"n","input":"i"}',
  ),
  entry(
    "custom_tool_call, minimal",
    { type: "custom_tool_call", call_id: "c", name: "n", input: "" },
    '{"type":"custom_tool_call","call_id":"c","name":"n","input":""}',
  ),
  entry(
    "custom_tool_call_output, full",
    { type: "custom_tool_call_output", output: [], name: "n", call_id: "c", id: "ctco_1" },
    '{"type":"custom_tool_call_output","call_id":"c","name":"n","output":[]}',
  ),
  entry(
    "custom_tool_call_output, minimal",
    { type: "custom_tool_call_output", call_id: "c", output: "" },
    '{"type":"custom_tool_call_output","call_id":"c","output":""}',
  ),
  entry(
    "tool_search_output, full",
    {
      type: "tool_search_output",
      id: "tso_1",
      tools: [{ name: "t" }, 1],
      execution: "client",
      status: "completed",
      call_id: "c",
    },
    '{"type":"tool_search_output","call_id":"c","status":"completed","execution":"client","tools":[{"name":"t"},1]}',
  ),
  entry(
    "tool_search_output, minimal",
    { type: "tool_search_output", status: "s", execution: "e", tools: [] },
    '{"type":"tool_search_output","call_id":null,"status":"s","execution":"e","tools":[]}',
  ),
  entry(
    "web_search_call, search",
    {
      type: "web_search_call",
      id: "ws_1",
      action: { type: "search", sources: [], queries: ["a"], query: "a" },
      status: "completed",
    },
    '{"type":"web_search_call","status":"completed","action":{"type":"search","query":"a","queries":["a"]}}',
  ),
  entry(
    "web_search_call, page",
    { type: "web_search_call", action: { type: "find_in_page", pattern: "p", url: "u" } },
    '{"type":"web_search_call","action":{"type":"find_in_page","url":"u","pattern":"p"}}',
  ),
  entry("web_search_call, minimal", { type: "web_search_call" }, '{"type":"web_search_call"}'),
  entry(
    "image_generation_call, full",
    {
      type: "image_generation_call",
      result: "AAAA",
      revised_prompt: "p",
      status: "completed",
      id: "ig_1",
    },
    '{"type":"image_generation_call","id":"ig_1","status":"completed","revised_prompt":"p","result":"AAAA"}',
  ),
  entry(
    "image_generation_call, minimal",
    { type: "image_generation_call", status: "s", result: "" },
    '{"type":"image_generation_call","status":"s","result":""}',
  ),
  entry(
    "compaction",
    { type: "compaction", encrypted_content: "e", id: "cmp_1" },
    '{"type":"compaction","encrypted_content":"e"}',
  ),
  entry("compaction_trigger", { type: "compaction_trigger" }, '{"type":"compaction_trigger"}'),
  entry(
    "context_compaction, full",
    { type: "context_compaction", encrypted_content: "e" },
    '{"type":"context_compaction","encrypted_content":"e"}',
  ),
  entry(
    "context_compaction, minimal",
    { type: "context_compaction" },
    '{"type":"context_compaction"}',
  ),
];
