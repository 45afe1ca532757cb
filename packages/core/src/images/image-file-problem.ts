import { prepareImage } from "./prepare-image.ts";
import { readImageFile } from "./read-image-file.ts";

/**
 * Why a model cannot be shown a file: it cannot be read, is no PNG, JPEG, GIF or WebP, or is damaged. `undefined` when it
 * can. Without the optional package `sharp` damage is not seen. Never rejects.
 */
export async function imageFileProblem(path: string): Promise<string | undefined> {
  const file = await readImageFile(path);
  switch (file.type) {
    case "directory":
    case "not_a_file":
      return "it is no file";
    case "missing":
    case "unreadable":
      return file.reason;
    case "read":
      break;
  }
  // At any size: a large image is scaled later.
  const image = await prepareImage(file.bytes, undefined);
  switch (image.type) {
    case "image":
      return undefined;
    case "not_an_image":
      return "it is no PNG, JPEG, GIF or WebP";
    case "damaged":
      return `it is damaged or too large (${image.reason})`;
  }
}
