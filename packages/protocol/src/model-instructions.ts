import type { ModelInfo, ModelMessages } from "./model-info.ts";
import type { Personality } from "./reasoning.ts";

const PLACEHOLDER = "{{ personality }}";

/**
 * The instructions of a model for a personality: its template with the text of that personality in place (`none`: no
 * text; unset: the default one; a text the model lacks: none), or the base instructions when it has no template.
 */
export function modelInstructions(
  model: Pick<ModelInfo, "base_instructions" | "model_messages">,
  personality: Personality | undefined,
): string {
  const messages = model.model_messages;
  const template = messages?.instructions_template ?? undefined;
  if (messages === undefined || template === undefined) return model.base_instructions;
  return template.split(PLACEHOLDER).join(personalityText(messages, personality));
}

/** True when the model's template has a place for a personality and a text for each. */
export function supportsPersonality(model: Pick<ModelInfo, "model_messages">): boolean {
  const { instructions_template: template, instructions_variables: texts } =
    model.model_messages ?? {};
  return (
    (template?.includes(PLACEHOLDER) ?? false) &&
    typeof texts?.personality_default === "string" &&
    typeof texts.personality_friendly === "string" &&
    typeof texts.personality_pragmatic === "string"
  );
}

function personalityText(messages: ModelMessages, personality: Personality | undefined): string {
  if (personality === "none") return "";
  return messages.instructions_variables?.[`personality_${personality ?? "default"}`] ?? "";
}
