import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDirectory } from "@codex-ts/api/internal";
import type { ImageGenerationCallItem } from "@codex-ts/protocol";

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Keeps the images that a server generates for a thread, each in a file that only the user can read. */
export class GeneratedImages {
  readonly directory: string;

  constructor(home: string, threadId: string) {
    this.directory = join(home, "generated_images", threadId);
  }

  /** Path of the file; `undefined` for what is no image. Throws when it cannot be written. */
  save({ id, result }: ImageGenerationCallItem): string | undefined {
    if (result.length % 4 !== 0 || !BASE64.test(result)) return undefined;
    const name = (id ?? "").replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, MAX_NAME);
    const path = join(this.directory, `${name === "" ? "generated_image" : name}.png`);
    makeDirectory(this.directory);
    writeFileSync(path, Buffer.from(result, "base64"), { mode: 0o600 });
    return path;
  }
}

/** File systems take names of 255 bytes. */
const MAX_NAME = 200;
