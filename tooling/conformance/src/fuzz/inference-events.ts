import type { EventMaker, Members } from "./event-maker.ts";
import type { Json } from "./json-text.ts";

export function inferenceStarted(make: EventMaker): Members {
  const { dice } = make;
  const request: Members = { model: "m", input: make.list() };
  if (dice.oneIn(3)) request["previous_response_id"] = make.some(["response_id"], null);
  const isSharded = make.bundle.schemaVersion === 3;
  return {
    type: "inference_started",
    inference_call_id: `inference_${dice.below(4)}`,
    thread_id: make.some(["thread_id"]),
    codex_turn_id: make.some(["codex_turn_id"]),
    model: "m",
    provider_name: "p",
    request_payload: make.bundle.addPayload("inference_request", request),
    ...(isSharded
      ? { prepared_prompt_payload: make.bundle.addPayload("prepared_prompt", {}) }
      : {}),
  };
}

export function inferenceEnded(make: EventMaker): Members {
  const { dice } = make;
  const way = dice.pick(["completed", "failed", "cancelled"]);
  const number = (): Json => dice.pick<Json>([0, 3, -1, 1.5, null, "3"]);
  const usage: Json = dice.oneIn(2)
    ? null
    : {
        input_tokens: 5,
        cached_input_tokens: number(),
        output_tokens: 1,
        reasoning_output_tokens: 0,
        cache_write_input_tokens: number(),
        total_tokens: 6,
      };
  const response = make.bundle.addPayload("inference_response", {
    response_id: null,
    upstream_request_id: null,
    token_usage: usage,
    output_items: make.items(),
  });
  const isWithout = way !== "completed" && dice.oneIn(3);
  return {
    type: `inference_${way}`,
    inference_call_id: make.some(["inference_call_id"]),
    upstream_request_id: dice.pick<Json>([null, "up_1"]),
    ...(way === "completed"
      ? { response_id: make.some(["response_id"], null), response_payload: response }
      : { error: "e", reason: "r", partial_response_payload: isWithout ? null : response }),
  };
}

export function compactionRequest(make: EventMaker): Members {
  const { dice } = make;
  const compaction_id = dice.oneIn(2) ? "compaction_1" : make.some(["compaction_id"]);
  const compaction_request_id = dice.oneIn(2)
    ? `compaction_request:${9 + dice.below(3)}`
    : make.some(["compaction_request_id"]);
  const way = dice.pick(["started", "completed", "failed"]);
  const common: Members = {
    type: `compaction_request_${way}`,
    compaction_id,
    compaction_request_id,
  };
  if (way === "failed") return { ...common, error: "e" };
  if (way === "completed")
    return {
      ...common,
      response_payload: make.bundle.addPayload("compaction_response", {
        output_items: make.items(),
      }),
    };
  return {
    ...common,
    thread_id: make.some(["thread_id"]),
    codex_turn_id: make.some(["codex_turn_id"]),
    model: "m",
    provider_name: "p",
    request_payload: make.bundle.addPayload("compaction_request", { input: [] }),
  };
}

export function compactionInstalled(make: EventMaker): Members {
  return {
    type: "compaction_installed",
    compaction_id: make.dice.oneIn(3)
      ? make.some(["compaction_id"])
      : `compaction_${make.dice.below(4)}`,
    checkpoint_payload: make.bundle.addPayload("compaction_checkpoint", {
      input_history: make.list(),
      replacement_history: make.list(),
    }),
  };
}
