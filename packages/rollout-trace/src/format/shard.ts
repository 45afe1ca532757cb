import { PAYLOADS_DIRECTORY } from "./bundle.ts";

// A shard is zstd, and decompressed a row of records without header or index. A record is the length of its id (16 bits),
// the length of its body (64 bits), both little-endian, the id in UTF-8, and the body. Source:
// docs/behavior/codex-0.171.md 1.1.

export const RECORD_HEAD_BYTES = 10;
export const RECORD_BODY_LENGTH_OFFSET = 2;

/** A shard holds at most so many bytes of records, unless it holds a single one; its frame has a window of that size. */
export const SHARD_LIMIT_BYTES: number = 8 * 1024 * 1024;
/** Binary logarithm of the largest window Codex's decoder takes. */
export const SHARD_WINDOW_LOG = 23;

/** Where a shard is, relative to the bundle directory: `payloads/000001.zst`. */
export function shardPath(shard: number): string {
  return `${PAYLOADS_DIRECTORY}/${shard.toFixed(0).padStart(6, "0")}.zst`;
}
