import type { EventMaker, Members } from "./event-maker.ts";
import { itemsOf } from "./items.ts";
import { copyJson, isObject } from "./json-text.ts";
import type { Json } from "./json-text.ts";

export function accepted(make: EventMaker): Members {
  const { dice } = make;
  const id = make.itemId();
  const message: Json = {
    type: "agent_message",
    id,
    author: dice.pick(["/root", "/root/x"]),
    recipient: dice.pick(["/root", "/root/x"]),
    content: [{ type: "input_text", text: dice.pick(["do it", "x"]) }],
  };
  const existing = itemsOf(make.bundle).find(
    (item) => isObject(item) && item["type"] === "agent_message",
  );
  const isMessage = dice.oneIn(3);
  const payload = existing !== undefined && dice.oneIn(2) ? copyJson(existing) : message;
  return {
    type: "history_item_accepted",
    item_id: isMessage && isObject(payload) ? (payload["id"] ?? id) : id,
    ...(isMessage
      ? { agent_message_payload: make.bundle.addPayload("protocol_event", payload) }
      : {}),
  };
}

/** Schema 3: an output that travels with its acceptance. */
export function acceptedOutput(make: EventMaker): Members {
  const { dice } = make;
  const outputs = itemsOf(make.bundle).filter(
    (item) => isObject(item) && typeof item["type"] === "string" && item["type"].endsWith("output"),
  );
  const made: Json = {
    type: dice.pick(["function_call_output", "custom_tool_call_output", "tool_search_output"]),
    id: make.itemId(),
    call_id: make.callId(),
    output: dice.pick<Json>(["done", null, [{ type: "input_text", text: "x" }]]),
  };
  const output = outputs.length > 0 && !dice.oneIn(3) ? copyJson(dice.pick(outputs)) : made;
  const id = dice.oneIn(4) ? make.itemId() : undefined;
  if (id !== undefined && isObject(output) && !dice.oneIn(4)) output["id"] = id;
  return {
    type: "history_item_accepted",
    item_id: id ?? (isObject(output) ? (output["id"] ?? "item_new") : "item_new"),
    tool_output_payload: make.bundle.addPayload("protocol_event", output),
  };
}

export function threadEvent(make: EventMaker): Members {
  const { dice } = make;
  const thread_id = dice.oneIn(3)
    ? `00000000-0000-7000-8000-00000000000${dice.below(3)}`
    : make.thread();
  if (dice.oneIn(2)) {
    return {
      type: dice.pick(["thread_resumed", "thread_ended"]),
      thread_id,
      status: dice.pick(["running", "completed", "failed", "aborted"]),
    };
  }
  const metadata: Json = {
    agent_path: dice.pick<Json>(["/root/x", "/root", null]),
    task_name: dice.pick<Json>(["t", null]),
    nickname: dice.pick<Json>([null, "n", 1]),
    model: "m",
    session_source: dice.pick<Json>([
      "exec",
      {
        subagent: {
          thread_spawn: {
            parent_thread_id: make.thread(),
            depth: 1,
            agent_path: dice.pick<Json>(["/root/x", null, 3]),
            agent_role: dice.pick<Json>(["r", null, ""]),
          },
        },
      },
      { subagent: "review" },
    ]),
  };
  return {
    type: "thread_started",
    thread_id,
    agent_path: dice.pick(["/root", "/root/x", "//"]),
    metadata_payload: dice.oneIn(3) ? null : make.bundle.addPayload("session_metadata", metadata),
  };
}

export function turnEvent(make: EventMaker): Members {
  if (make.dice.oneIn(3)) {
    return {
      type: "codex_turn_started",
      codex_turn_id: make.dice.oneIn(3)
        ? make.some(["codex_turn_id"])
        : `turn_${make.dice.below(9)}`,
      thread_id: make.thread(),
    };
  }
  return {
    type: "codex_turn_ended",
    codex_turn_id: make.some(["codex_turn_id"]),
    status: make.status(),
  };
}

export function agentResult(make: EventMaker): Members {
  return {
    type: "agent_result_observed",
    edge_id: make.dice.oneIn(3) ? "edge:new" : make.some(["edge_id"], "edge:other"),
    child_thread_id: make.thread(),
    child_codex_turn_id: make.some(["codex_turn_id"]),
    parent_thread_id: make.thread(),
    message: make.some(["message"], "do it"),
    carried_payload: make.dice.oneIn(2) ? null : make.some(["carried_payload"], null),
  };
}
