import { WIRE_LOG_FILE } from "../wire/records.ts";
import type { BundleSource } from "./source.ts";

/** The files of a bundle by their paths inside it, as text or bytes. */
export type BundleFiles = { readonly [path: string]: string | Uint8Array };

/** A bundle that is in memory: `manifest.json`, `trace.jsonl`, `wire.jsonl` and what is in `payloads` as members. */
export function memoryBundle(files: BundleFiles): BundleSource {
  const encoder = new TextEncoder();
  const read = (path: string): Uint8Array | undefined => {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    return typeof file === "string" ? encoder.encode(file) : file;
  };
  const readPayload = (path: string): Uint8Array => {
    const payload = read(path);
    if (payload === undefined) throw new Error(`no file ${path} in this bundle`);
    return payload;
  };
  return {
    readManifest: () => read("manifest.json"),
    events() {
      const log = read("trace.jsonl");
      return log === undefined ? undefined : [log];
    },
    wireLog() {
      const log = read(WIRE_LOG_FILE);
      return log === undefined ? undefined : [log];
    },
    readPayload,
    readShard: (path, offset) => readPayload(path).subarray(offset),
  };
}
