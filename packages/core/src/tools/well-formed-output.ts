import type { FunctionCallOutput } from "@codex-ts/protocol";

/**
 * An output whose texts hold whole characters only. Half of one, which programs other than Codex can put into JSON, would stay
 * in the history, and servers may refuse every request that has it.
 */
export function wellFormedOutput(output: FunctionCallOutput): FunctionCallOutput {
  if (typeof output === "string") return output.toWellFormed();
  return output.map((item) =>
    item.type === "input_text" && !item.text.isWellFormed()
      ? { ...item, text: item.text.toWellFormed() }
      : item,
  );
}
