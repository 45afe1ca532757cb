import type { UserInput } from "@codex-ts/protocol";

/** Stands for a message of images alone. Machine-read, the same in 0.140 and 0.171. */
const IMAGE_PREVIEW = "[Image]";

/**
 * A message of the user as a list shows it: its texts in one, without blanks at the ends; `[Image]` for images alone; empty
 * for nothing of both.
 */
export function messagePreview(content: readonly UserInput[]): string {
  const words = content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
  const hasImages = content.some(({ type }) => type === "image" || type === "local_image");
  return previewOf(words, hasImages);
}

/** The same, of what an older session file holds. */
export function previewOf(words: string, hasImages: boolean): string {
  return words.trim() || (hasImages ? IMAGE_PREVIEW : "");
}
