import { readResponseItem, readRolloutLine, toRawItem, toWireItem } from "@codex-ts/protocol";

// Three items as a server sent them: a call, a kind this version does not know, and one without its content.
const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "ls", arguments: "{}" };
const received = [
  { ...call, status: "completed" },
  { type: "hologram", id: "h_1", frames: 3 },
  { type: "message", role: "assistant" },
];
for (const value of received) {
  const item = readResponseItem(value);
  if (item === undefined) console.log("dropped:", value.type);
  else if (item.type === "other") console.log("kept, not sent:", toRawItem(item));
  else console.log("next request:", JSON.stringify(toWireItem(item, { itemIds: "omit" })));
}

// One line of a session file.
const timestamp = "2026-01-01T00:00:00.000Z";
const line = readRolloutLine({ timestamp, type: "response_item", payload: call });
if (line?.type === "response_item") console.log("session file:", line.payload.type);
