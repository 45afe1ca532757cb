import { constants, zstdCompressSync } from "node:zlib";
import { readShardRecords } from "@codex-ts/test-support";
import type { BundleText } from "./read-own.ts";

// A bundle of schema 3 that is being changed is text as well: each record stands under the path of its shard and its id,
// `payloads/000001.zst/raw_payload:7`. What stands under the path of a shard itself says how the shard is damaged.

const SHARD_PATH = /^payloads\/\d+\.zst$/;
const RECORD_PATH = /^(payloads\/\d+\.zst)\/(.*)$/s;
const HEAD_BYTES = 10;
const BODY_LENGTH_OFFSET = 2;

export function isShardPath(path: string): boolean {
  return SHARD_PATH.test(path);
}

/** The path of the shard a record is in. */
export function shardOf(path: string): string | undefined {
  return RECORD_PATH.exec(path)?.[1];
}

export function recordPath(shard: number, id: string): string {
  return `payloads/${String(shard).padStart(6, "0")}.zst/${id}`;
}

/** The records of a shard, by their paths; of one that a dying recorder left behind, those that are whole. */
export function readShard(path: string, shard: Uint8Array): [path: string, text: string][] {
  return [...readShardRecords(shard)].map(([id, text]) => [`${path}/${id}`, text]);
}

/** The files a text stands for. */
export function renderFiles(text: BundleText): { [path: string]: string | Uint8Array } {
  const files: { [path: string]: string | Uint8Array } = {};
  const shards = new Map<string, Buffer[]>();
  for (const [path, content] of Object.entries(text)) {
    const [, shard = "", id = ""] = RECORD_PATH.exec(path) ?? [];
    if (shard !== "") shards.set(shard, [...(shards.get(shard) ?? []), toRecord(id, content)]);
    else if (!isShardPath(path)) files[path] = content;
  }
  for (const [path, records] of shards) {
    const damage = text[path];
    const shard =
      damage === undefined ? zstdCompressSync(Buffer.concat(records)) : damaged(records, damage);
    if (shard !== undefined) files[path] = shard;
  }
  return files;
}

function toRecord(id: string, content: string): Buffer {
  const name = Buffer.from(id);
  const body = Buffer.from(content);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16LE(name.length);
  head.writeBigUInt64LE(BigInt(body.length), BODY_LENGTH_OFFSET);
  return Buffer.concat([head, name, body]);
}

const SKIPPABLE_FRAME = Buffer.from([0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

/** The ways a shard may be damaged; `n` is any number. */
const DAMAGES: {
  readonly [name: string]: (records: readonly Buffer[], n: number) => Uint8Array | undefined;
} = {
  gone: () => undefined,
  empty: () => Buffer.alloc(0),
  cut: (records, n) => {
    const shard = compressed(records);
    return shard.subarray(0, n % shard.length);
  },
  cutEnd: (records, n) => compressed(records).subarray(0, -1 - (n % 12)),
  flushed: (records, n) => {
    const bytes = Buffer.concat(records);
    const end = n % 3 === 0 ? bytes.length : n % bytes.length;
    return zstdCompressSync(bytes.subarray(0, end), { finishFlush: constants.ZSTD_e_flush });
  },
  changed: (records, n) => {
    const shard = Buffer.from(compressed(records));
    const at = n % Math.min(shard.length, n % 2 === 0 ? 24 : shard.length);
    shard[at] = (shard[at] ?? 0) ^ (1 << (n % 8));
    return shard;
  },
  checked: (records, n) => {
    const shard = Buffer.from(withChecksum(records));
    if (n % 2 === 0) shard[shard.length - 1 - (n % 4)] = n & 0xff;
    return shard;
  },
  more: (records, n) => Buffer.concat([compressed(records), Buffer.from([n & 0xff, 0xb5, 0x2f])]),
  moreMagic: (records, n) =>
    Buffer.concat([compressed(records), zstdCompressSync("").subarray(0, 1 + (n % 8))]),
  skippable: (records, n) =>
    n % 2 === 0
      ? Buffer.concat([SKIPPABLE_FRAME, compressed(records), SKIPPABLE_FRAME])
      : Buffer.concat([
          compressed(records),
          SKIPPABLE_FRAME.subarray(0, 1 + (n % SKIPPABLE_FRAME.length)),
        ]),
  frames: (records, n) => {
    const bytes = Buffer.concat(records);
    const at = n % bytes.length;
    return Buffer.concat(
      [bytes.subarray(0, at), bytes.subarray(at)].map((part) => zstdCompressSync(part)),
    );
  },
  reversed: (records) => compressed(records.toReversed()),
  twice: (records, n) => compressed([...records, records[n % records.length] ?? Buffer.alloc(0)]),
  partial: (records, n) => {
    const last = records[n % records.length] ?? Buffer.alloc(0);
    return compressed([...records, last.subarray(0, 1 + (n % last.length))]);
  },
  unknown: (records) => compressed([toRecord("unknown", "{"), ...records]),
};

export const SHARD_DAMAGES: readonly string[] = Object.keys(DAMAGES);

/** `damage`: a name of {@link SHARD_DAMAGES}, a space, and a number. */
function damaged(records: readonly Buffer[], damage: string): Uint8Array | undefined {
  const [name = "", number = "0"] = damage.split(" ");
  return (DAMAGES[name] ?? compressed)(records, Number(number));
}

function compressed(records: readonly Buffer[]): Buffer {
  return zstdCompressSync(Buffer.concat(records));
}

function withChecksum(records: readonly Buffer[]): Buffer {
  return zstdCompressSync(Buffer.concat(records), {
    params: { [constants.ZSTD_c_checksumFlag]: 1 },
  });
}
