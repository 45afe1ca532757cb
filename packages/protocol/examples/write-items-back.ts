import { readResponseItem, toRawItem, toWireItem } from "@codex-ts/protocol";

// Three items as a server sent them: a call, a kind this version does not know, and one that lacks its content.
const received = [
  {
    type: "function_call",
    id: "fc_1",
    status: "completed",
    call_id: "call_1",
    name: "exec_command",
    arguments: '{"cmd":"ls"}',
  },
  { type: "hologram", id: "h_1", frames: 3 },
  { type: "message", role: "assistant" },
];

for (const value of received) {
  const item = readResponseItem(value);
  if (item === undefined) console.log("dropped:", value.type);
  else if (item.type === "other") console.log("kept, not sent:", toRawItem(item));
  else console.log("next request:", JSON.stringify(toWireItem(item, { itemIds: "omit" })));
}
