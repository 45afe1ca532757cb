import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { getSystemErrorMap } from "node:util";

/** Largest image that is sent, in bytes. */
const MAX_IMAGE_BYTES = 20 * 1_048_576;

/** An image file in the form a model is sent it, or why it cannot be. */
export type ImageFile =
  | { readonly type: "image"; readonly dataUrl: string }
  | { readonly type: "missing" | "unreadable"; readonly reason: string }
  | { readonly type: "not_a_file" | "not_an_image" };

/** Reads a PNG, JPEG, GIF or WebP. Never rejects. */
export async function readImageFile(path: string): Promise<ImageFile> {
  let bytes: Buffer;
  try {
    // Without waiting: a pipe would otherwise be waited for until somebody writes.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const facts = await file.stat();
      if (!facts.isFile()) return { type: "not_a_file" };
      if (facts.size > MAX_IMAGE_BYTES) {
        return { type: "unreadable", reason: `larger than ${MAX_IMAGE_BYTES} bytes` };
      }
      bytes = await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return { type: isMissing ? "missing" : "unreadable", reason: systemText(error) };
  }
  const mediaType = imageType(bytes);
  if (mediaType === undefined) return { type: "not_an_image" };
  return { type: "image", dataUrl: `data:${mediaType};base64,${bytes.toString("base64")}` };
}

/** An error of the system as Codex words it: `No such file or directory (os error 2)`. */
function systemText(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  if (errno === undefined || known === undefined) return message;
  return `${known.charAt(0).toUpperCase()}${known.slice(1)} (os error ${Math.abs(errno)})`;
}

/** The media type of an image that models take, by its first bytes. */
export function imageType(bytes: Buffer): string | undefined {
  const starts = (text: string, at = 0): boolean =>
    bytes.subarray(at, at + text.length).equals(Buffer.from(text, "latin1"));
  if (starts("\x89PNG\r\n\x1A\n")) return "image/png";
  if (starts("\xFF\xD8\xFF")) return "image/jpeg";
  if (starts("GIF87a") || starts("GIF89a")) return "image/gif";
  if (starts("RIFF") && starts("WEBP", 8)) return "image/webp";
  return undefined;
}
