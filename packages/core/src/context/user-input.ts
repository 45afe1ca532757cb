import { resolve } from "node:path";
import { toUserMessage } from "@codex-ts/protocol";
import type { LocalImage, UserInput } from "@codex-ts/protocol";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { TurnInput } from "../thread/thread-options.ts";
import { readImageFile } from "./image-file.ts";
import type { ContextMessage } from "./context-messages.ts";

/** The text a model reads in the place of an image that is none. Machine-read; Codex writes the same. */
const UNPROCESSABLE = {
  problem: "image content omitted because it could not be processed",
  isMarked: true,
} as const;

/** An input as given, and as the model reads it. */
export interface UserInputMessage extends ContextMessage {
  readonly inputs: readonly UserInput[];
}

/** An input as a list, with paths made absolute. */
export function toInputs(input: string | readonly TurnInput[], cwd: string): readonly TurnInput[] {
  if (typeof input === "string") return [{ type: "text", text: input }];
  return input.map((part) =>
    part.type === "local_image" || part.type === "skill"
      ? { ...part, path: resolve(cwd, part.path) }
      : part,
  );
}

/** Makes the message of an input; images given by their paths are read. Never rejects for a file. */
export async function readUserInput(
  input: readonly TurnInput[],
  form: CompatibilityProfile["context"],
): Promise<UserInputMessage> {
  const images = new Map<string, LocalImage>();
  for (const part of input) {
    if (part.type === "local_image") images.set(part.path, await readImage(part.path, form));
  }
  const inputs = input.map((part): UserInput =>
    part.type === "text" ? { ...part, text_elements: [] } : part,
  );
  const item = toUserMessage(inputs, {
    localImage: (path) => images.get(path) ?? unreadable(path, "not read"),
  });
  const contentKinds = item.content.map((content) => {
    if (content.type === "input_image") return "user.image";
    return content.text === UNPROCESSABLE.problem ? "images.preparation_error" : "user.text";
  });
  return { item, contentKinds, inputs };
}

async function readImage(path: string, form: CompatibilityProfile["context"]): Promise<LocalImage> {
  const image = await readImageFile(path);
  switch (image.type) {
    case "image":
      return { dataUrl: image.dataUrl };
    case "missing":
    case "unreadable":
      return unreadable(path, image.reason);
    case "not_a_file":
      return unreadable(path, "not a file");
    case "not_an_image":
      return form.unusableImage === "marked"
        ? UNPROCESSABLE
        : { problem: `Codex cannot attach image at \`${path}\`: it is no PNG, JPEG, GIF or WebP.` };
    default:
      return image satisfies never;
  }
}

/** The beginning is machine-read, like the system's words. */
function unreadable(path: string, reason: string): LocalImage {
  return { problem: `Codex could not read the local image at \`${path}\`: ${reason}` };
}
