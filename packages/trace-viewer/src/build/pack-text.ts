import { deflateRawSync } from "node:zlib";

/** A text as raw DEFLATE in base64. */
export function packText(text: string): string {
  return deflateRawSync(text, { level: 9 }).toString("base64");
}
