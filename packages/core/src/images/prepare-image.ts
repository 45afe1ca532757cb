import { createHash } from "node:crypto";
import type { Sharp } from "sharp";
import { firstLine } from "../first-line.ts";
import { fittedSize } from "./fitted-size.ts";
import type { ImageLimits } from "./fitted-size.ts";
import { loadImages } from "./image-library.ts";
import type { ImageLibrary } from "./image-library.ts";
import { imageType } from "./image-type.ts";

/** An image in the form a model is sent it, or why it cannot be. */
export type PreparedImage =
  | {
      readonly type: "image";
      readonly dataUrl: string;
      /** Why it was neither checked nor scaled, for the model. */
      readonly note?: string;
    }
  | { readonly type: "not_an_image" }
  | { readonly type: "damaged"; readonly reason: string };

/** Largest image that is sent, in bytes: servers refuse larger requests, and history sends it again each time. */
const MAX_SENT_BYTES = 20 * 1_048_576;
/** Longest time an image is worked on. The largest one takes a few seconds. */
const MAX_SECONDS = 60;

/**
 * Makes of a file's bytes what a model is sent: a PNG, JPEG or WebP within the limits byte for byte, a larger one scaled,
 * a GIF as a PNG of its first frame. Without the package that does this, the image as it is. Never rejects.
 *
 * `limits`: `undefined` for any size.
 */
export async function prepareImage(
  bytes: Buffer,
  limits: ImageLimits | undefined,
): Promise<PreparedImage> {
  const type = imageType(bytes);
  if (type === undefined) return { type: "not_an_image" };
  const { library, problem } = await loadImages();
  if (library === undefined) return sent(type, bytes, uncheckedNote(problem));
  try {
    const scaled = await scaledImage(library, { type, bytes, limits });
    return scaled === undefined ? sent(type, bytes) : sent(scaled.type, scaled.bytes);
  } catch (error) {
    return { type: "damaged", reason: firstLine(error) };
  }
}

/** The image as another one; `undefined`: it can be sent as it is. Rejects for a damaged or enormous image. */
async function scaledImage(
  library: ImageLibrary,
  {
    type,
    bytes,
    limits,
  }: { readonly type: string; readonly bytes: Buffer; readonly limits: ImageLimits | undefined },
): Promise<{ readonly type: string; readonly bytes: Buffer } | undefined> {
  // What is left of a cut JPEG is shown, as Codex and browsers do; of the others it is refused.
  const failOn = type === "image/jpeg" ? "none" : "truncated";
  const read = library(bytes, { failOn, sequentialRead: true }).timeout({ seconds: MAX_SECONDS });
  const { width, height, space, exif } = await read.metadata();
  const size = limits === undefined ? { width, height } : fittedSize({ width, height }, limits);
  const isFitting = size.width === width && size.height === height;
  if (isFitting && type !== "image/gif") {
    await checkWhole(read, bytes);
    return undefined;
  }
  const resized = isFitting ? read : read.resize({ ...size, fit: "fill" });
  let colored = resized.toColourspace("srgb");
  // Where an image is turned by its metadata, the smaller one is, too.
  if (exif !== undefined) colored = colored.keepExif();
  if (space !== "cmyk") colored = colored.keepIccProfile();
  return encoded(type, colored);
}

/** Digests of images that were whole: what is looked at before it is sent is not decoded twice. */
const wholeImages = new Set<string>();
const MAX_REMEMBERED = 64;

/** Rejects for a damaged image. Only the attempt to decode it shows that. */
async function checkWhole(image: Sharp, bytes: Buffer): Promise<void> {
  const digest = createHash("sha256").update(bytes).digest("base64");
  if (wholeImages.has(digest)) return;
  await image.raw().toBuffer();
  const [oldest] = wholeImages;
  if (wholeImages.size >= MAX_REMEMBERED && oldest !== undefined) wholeImages.delete(oldest);
  wholeImages.add(digest);
}

async function encoded(
  type: string,
  image: Sharp,
): Promise<{ readonly type: string; readonly bytes: Buffer }> {
  switch (type) {
    case "image/jpeg":
      return {
        type,
        bytes: await image.jpeg({ quality: 85, chromaSubsampling: "4:4:4" }).toBuffer(),
      };
    case "image/webp":
      return { type, bytes: await image.webp({ lossless: true }).toBuffer() };
    default:
      return { type: "image/png", bytes: await image.png().toBuffer() };
  }
}

function sent(type: string, bytes: Buffer, note?: string): PreparedImage {
  if (bytes.length > MAX_SENT_BYTES) {
    return {
      type: "damaged",
      reason: `larger than ${MAX_SENT_BYTES} bytes${note === undefined ? "" : `: ${note}`}`,
    };
  }
  const dataUrl = `data:${type};base64,${bytes.toString("base64")}`;
  return note === undefined ? { type: "image", dataUrl } : { type: "image", dataUrl, note };
}

function uncheckedNote(problem: string): string {
  return `the image was neither checked nor scaled, because the optional package sharp cannot be loaded (${problem})`;
}
