/**
 * Where a bundle comes from: a directory, memory, an upload, an archive. Every method returns its result or a promise of
 * it.
 */
export interface BundleSource {
  /** The bytes of `manifest.json`, or `undefined` when there is none. */
  readManifest(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** The bytes of `trace.jsonl` in chunks of any size, or `undefined` when there is none. */
  events():
    | AsyncIterable<Uint8Array>
    | Iterable<Uint8Array>
    | undefined
    | Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined>;
  /**
   * The bytes of a payload file, by the path in its event (`payloads/7.json`). They are looked at before the next
   * call and not after, so one buffer may serve all calls. Throws (or rejects) when the file can not be read. Paths that
   * plainly leave the bundle never get here; what only the source can see (symbolic links) is for it to refuse, with a
   * {@link TraceReadError} of code `payload_outside_bundle`.
   */
  readPayload(path: string): Uint8Array | Promise<Uint8Array>;
  /** The bytes of `wire.jsonl` in chunks of any size, or `undefined` when there is none. */
  readonly wireLog?:
    | (() =>
        | AsyncIterable<Uint8Array>
        | Iterable<Uint8Array>
        | undefined
        | Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined>)
    | undefined;
  /**
   * Schema 3: the next bytes of a shard (`payloads/000001.zst`) from an offset on: as many as suit, none at its present
   * end. Throws like {@link BundleSource.readPayload}, which takes its place, and then holds a whole shard, where it is missing.
   */
  readonly readShard?:
    | ((path: string, offset: number) => Uint8Array | Promise<Uint8Array>)
    | undefined;
}

const USUAL_PATH = /^payloads\/\d+\.json$/;

/** Whether a payload path stays inside the bundle, as far as its text shows. */
export function staysInside(path: string): boolean {
  if (USUAL_PATH.test(path)) return true;
  if (/^[\\/]|^[A-Za-z]:|\0/.test(path)) return false;
  return !path.split(/[\\/]/).includes("..");
}
