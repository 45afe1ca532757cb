import type { JsonObject } from "@codex-ts/protocol";
import { text } from "../function-spec.ts";

/** A text that only models are to read: a server may encrypt it. */
export function secretText(description: string): JsonObject {
  return { type: "string", description, encrypted: true };
}

export function timeout(minMs: number, maxMs: number): JsonObject {
  return {
    type: "number",
    description: `How long to wait at most, in milliseconds: ${minMs} to ${maxMs}. Default 30000.`,
  };
}

/** Members by which a new agent gets another model than its parent. */
export const MODEL_MEMBERS: JsonObject = {
  model: text("Model of the new agent. Default: yours."),
  reasoning_effort: text("Reasoning effort of the new agent. Default: yours."),
};
