import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { getSystemErrorMap } from "node:util";
import { toUserMessage } from "@codex-ts/protocol";
import type { LocalImage, UserInput } from "@codex-ts/protocol";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { TurnInput } from "../thread/thread-options.ts";
import type { ContextMessage } from "./context-messages.ts";

/** Largest image that is sent, in bytes. */
const MAX_IMAGE_BYTES = 20 * 1_048_576;

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
  let bytes: Buffer;
  try {
    // Without waiting: a pipe would otherwise be waited for until somebody writes.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const facts = await file.stat();
      if (!facts.isFile()) return unreadable(path, "not a file");
      const { size } = facts;
      if (size > MAX_IMAGE_BYTES) return unreadable(path, `larger than ${MAX_IMAGE_BYTES} bytes`);
      bytes = await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    return unreadable(path, systemText(error));
  }
  const mediaType = imageType(bytes);
  if (mediaType !== undefined) {
    return { dataUrl: `data:${mediaType};base64,${bytes.toString("base64")}` };
  }
  return form.unusableImage === "marked"
    ? UNPROCESSABLE
    : { problem: `Codex cannot attach image at \`${path}\`: it is no PNG, JPEG, GIF or WebP.` };
}

/** The beginning is machine-read, like the system's words. */
function unreadable(path: string, reason: string): LocalImage {
  return { problem: `Codex could not read the local image at \`${path}\`: ${reason}` };
}

/** An error of the system as Codex words it: `No such file or directory (os error 2)`. */
function systemText(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  if (errno === undefined || known === undefined) return message;
  return `${known.charAt(0).toUpperCase()}${known.slice(1)} (os error ${Math.abs(errno)})`;
}

/** The media type of an image that models take, by its first bytes. */
function imageType(bytes: Buffer): string | undefined {
  const starts = (text: string, at = 0): boolean =>
    bytes.subarray(at, at + text.length).equals(Buffer.from(text, "latin1"));
  if (starts("\x89PNG\r\n\x1A\n")) return "image/png";
  if (starts("\xFF\xD8\xFF")) return "image/jpeg";
  if (starts("GIF87a") || starts("GIF89a")) return "image/gif";
  if (starts("RIFF") && starts("WEBP", 8)) return "image/webp";
  return undefined;
}
