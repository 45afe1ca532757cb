import { fallbackModelInfo } from "@codex-ts/model-provider";
import type { JsonObject, ModelInfo, ResponseItem } from "@codex-ts/protocol";
import type { PreparedPrompt } from "@codex-ts/rollout-trace/recorder";
import { wholeWireItem } from "../history/item-identity.ts";
import type { Prompt } from "./request-builder.ts";

/**
 * A prompt as traces keep it: before it becomes a request, always with the whole history, and with all that is known of
 * its items. Members that stand for what is not built here have the value of 0.171.
 * Source: docs/behavior/codex-0.171.md 1.2; prompts recorded by 0.171.
 */
export function preparedPrompt(prompt: Prompt, model: ModelInfo): PreparedPrompt {
  return {
    input: prompt.input.flatMap((item) => preparedItem(item) ?? []),
    tools: prompt.tools,
    parallel_tool_calls: prompt.parallelToolCalls,
    base_instructions: {
      text: prompt.instructions,
      // Where items say them there are none.
      ...(prompt.instructions !== "" && {
        provenance: instructionsProvenance(prompt.instructions, model),
      }),
    },
    output_schema: prompt.outputSchema ?? null,
    output_schema_strict: true,
    prompt_cache_ttl: null,
    cyber_access_program: prompt.cyberAccessProgram ?? null,
  };
}

/** Items are never changed in place, and a recorder is quick with objects it has seen. */
const prepared = new WeakMap<ResponseItem, JsonObject>();

/** `undefined` for an item no request has. */
function preparedItem(item: ResponseItem): JsonObject | undefined {
  const known = prepared.get(item);
  if (known !== undefined) return known;
  const wire = wholeWireItem(item);
  if (wire !== undefined) prepared.set(item, wire);
  return wire;
}

function instructionsProvenance(
  text: string,
  { slug, base_instructions: own }: ModelInfo,
): JsonObject {
  const isOfModel = text === own || text === fallbackModelInfo(slug).base_instructions;
  return isOfModel ? { type: "model", model: slug } : { type: "custom" };
}
