import { extname } from "node:path";

/** Files that are taken for images most often; Codex knows the names of far more types. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".bmp": "image/bmp",
  ".gif": "image/gif",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".tif": "image/tiff",
  ".tiff": "image/tiff",
  ".txt": "text/plain",
  ".webp": "image/webp",
  ".zip": "application/zip",
};

/** The media type that the name of a file promises; `unknown` for other names. */
export function mediaTypeOfName(path: string): string {
  const extension = extname(path).toLowerCase();
  return MEDIA_TYPES[extension] ?? "unknown";
}
