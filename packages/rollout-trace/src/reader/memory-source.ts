import type { BundleSource } from "./source.ts";

/** The files of a bundle by their paths inside it, as text or bytes. */
export type BundleFiles = { readonly [path: string]: string | Uint8Array };

/** A bundle that is in memory: `manifest.json`, `trace.jsonl` and `payloads/<n>.json` as members. */
export function memoryBundle(files: BundleFiles): BundleSource {
  const encoder = new TextEncoder();
  const read = (path: string): Uint8Array | undefined => {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    return typeof file === "string" ? encoder.encode(file) : file;
  };
  return {
    readManifest: () => read("manifest.json"),
    events() {
      const log = read("trace.jsonl");
      return log === undefined ? undefined : [log];
    },
    readPayload(path) {
      const payload = read(path);
      if (payload === undefined) throw new Error(`no file ${path} in this bundle`);
      return payload;
    },
  };
}
