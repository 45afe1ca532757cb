import { resolve } from "node:path";
import { toUserMessage } from "@codex-ts/protocol";
import type { LocalImage, UserInput } from "@codex-ts/protocol";
import { toolImageScale } from "../images/image-form.ts";
import { mediaTypeOfName } from "../images/media-type-of-name.ts";
import { prepareImage } from "../images/prepare-image.ts";
import { isImageProblem, prepareParts } from "../images/prepare-parts.ts";
import type { ImageReader } from "../images/prepare-parts.ts";
import { readImageFile } from "../images/read-image-file.ts";
import type { TurnInput } from "../thread/thread-options.ts";
import type { ContextMessage } from "./context-messages.ts";

/** An input as given, and as the model reads it. */
export interface UserInputMessage extends ContextMessage {
  readonly inputs: readonly UserInput[];
  readonly clientMessageId: string | undefined;
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

/** Makes the message of an input; images given by their paths are read. Never rejects for an image. */
export async function readUserInput(
  input: readonly TurnInput[],
  reader: ImageReader,
  clientMessageId?: string,
): Promise<UserInputMessage> {
  const images = new Map<string, LocalImage>();
  for (const part of input) {
    if (part.type === "local_image") images.set(part.path, await readImage(part.path, reader));
  }
  const inputs = input.map((part): UserInput =>
    part.type === "text" ? { ...part, text_elements: part.text_elements ?? [] } : part,
  );
  const message = toUserMessage(inputs, {
    localImage: (path) => images.get(path) ?? unreadable(path, "not read"),
  });
  const item = { ...message, content: await prepareParts(message.content, reader) };
  const contentKinds = item.content.map((content) => {
    if (content.type === "input_image") return "user.image";
    return isImageProblem(content.text) ? "images.preparation_error" : "user.text";
  });
  return { item, contentKinds, inputs, clientMessageId };
}

/** An image of a file: its bytes, where images of any source are made ready later; else as the model is sent it. */
async function readImage(path: string, { form, model }: ImageReader): Promise<LocalImage> {
  const file = await readImageFile(path);
  if (file.type === "not_a_file") return unreadable(path, "not a file");
  if (file.type !== "read") return unreadable(path, file.reason);
  if (form.source === "any") return { dataUrl: rawUrl(file.bytes) };
  const image = await prepareImage(file.bytes, toolImageScale(form, model, "high").limits);
  switch (image.type) {
    case "image":
      return { dataUrl: image.dataUrl };
    case "not_an_image":
      return {
        problem: `Codex cannot attach image at \`${path}\`: unsupported image \`${mediaTypeOfName(path)}\`.`,
      };
    case "damaged":
      return {
        problem: `Image located at \`${path}\` is invalid: failed to decode image at ${path}: ${image.reason}`,
      };
  }
}

function rawUrl(bytes: Buffer): string {
  return `data:application/octet-stream;base64,${bytes.toString("base64")}`;
}

/** The beginning is machine-read, like the system's words. */
function unreadable(path: string, reason: string): LocalImage {
  return { problem: `Codex could not read the local image at \`${path}\`: ${reason}` };
}
