import type { AdditionalToolsItem, JsonObject, MessageItem } from "@codex-ts/protocol";
import type { ContentKind } from "../history/content-provenance.ts";

/** An item made here; of a message, what its parts are. */
export interface ContextItem {
  readonly item: MessageItem | AdditionalToolsItem;
  readonly contentKinds: readonly ContentKind[];
}

/** A message made here, and what its parts are. */
export interface ContextMessage extends ContextItem {
  readonly item: MessageItem;
}

/** Tools as an item. */
export function toolsItem(tools: readonly JsonObject[]): AdditionalToolsItem {
  return { type: "additional_tools", role: "developer", tools };
}

/** A message of texts; absent and empty ones are left out. */
export function message(
  role: "developer" | "user",
  texts: readonly (string | undefined)[],
): MessageItem {
  return {
    type: "message",
    role,
    content: texts
      .filter((text) => !!text)
      .map((text) => ({ type: "input_text", text: text ?? "" })),
  };
}

/** The message by which a model learns where the images it generates are kept. The name of the file is machine-read, the same in Codex. */
export function generatedImageNotice(directory: string): MessageItem {
  return message("developer", [
    `Images you generate are kept in ${directory}, each as ${directory}/_image_id_.png. Copy one that is needed elsewhere; delete none unless the user asks for it.`,
  ]);
}

/**
 * The message the model reads after a response that a content filter blocked. The tag is machine-read, the text is
 * ours.
 */
export function contentFilterGuidance(): MessageItem {
  return message("developer", [
    "<content_filter_guidance>\nA content filter blocked your last response. Asking again will not change that: do not repeat what was blocked or look for ways around the filter. Say briefly what you cannot do, and go on with the rest of the task.\n</content_filter_guidance>",
  ]);
}

/**
 * The message the model reads after an interrupted turn. The tag is machine-read, the text is ours.
 */
export function interruptedTurnMarker(): MessageItem {
  return message("user", [
    "<turn_aborted>\nThe user stopped the last turn on purpose. Commands that were running may have taken effect in part, and terminals in the background may still be running.\n</turn_aborted>",
  ]);
}
