import { ProtocolError } from "./errors.ts";
import type { Codec } from "./internal/codec.ts";
import { oneOf, text } from "./internal/codec.ts";

/** How much a model reasons. Servers may know further names; any text that is not empty is kept as it is. */
export type ReasoningEffort =
  | "none"
  | "minimal"
  | "low"
  | "medium"
  | "high"
  | "xhigh"
  | (string & {});

/** How reasoning is summarized; `none` means that no summary is asked for. */
export type ReasoningSummary = "auto" | "concise" | "detailed" | "none";

/** Which earlier reasoning a request takes into account. */
export type ReasoningContext = "auto" | "current_turn" | "all_turns";

/** How detailed responses are. */
export type Verbosity = "low" | "medium" | "high";

/** Tone of the responses, where a model offers it. */
export type Personality = "none" | "friendly" | "pragmatic";

/** How a session works with the user. */
export type ModeKind = "plan" | "default";

/** Codex's effort where nothing is set; models may have another. */
export const DEFAULT_REASONING_EFFORT: ReasoningEffort = "medium";

export const reasoningEffortCodec: Codec<ReasoningEffort> = {
  read: (value) => (value === "" ? undefined : text.read(value)),
  write: (value) => value,
};
export const reasoningSummaryCodec: Codec<ReasoningSummary> = oneOf([
  "auto",
  "concise",
  "detailed",
  "none",
]);
export const verbosityCodec: Codec<Verbosity> = oneOf(["low", "medium", "high"]);
export const personalityCodec: Codec<Personality> = oneOf(["none", "friendly", "pragmatic"]);
export const modeKindCodec: Codec<ModeKind> = oneOf(["plan", "default"], {
  code: "default",
  pair_programming: "default",
  execute: "default",
  custom: "default",
});

/**
 * The effort named in a setting or an argument.
 *
 * @throws {ProtocolError} `invalid_reasoning_effort` when it is empty.
 */
export function parseReasoningEffort(name: string): ReasoningEffort {
  const effort = reasoningEffortCodec.read(name);
  if (effort !== undefined) return effort;
  throw new ProtocolError(
    "invalid_reasoning_effort",
    "invalid reasoning effort: it is empty; give a name such as low or high",
  );
}

/** Reads a mode; `code`, `pair_programming`, `execute` and `custom` are older names of the default one. */
export function readModeKind(value: unknown): ModeKind | undefined {
  return modeKindCodec.read(value);
}
