import { once } from "node:events";
import { constants, createZstdCompress, zstdCompressSync } from "node:zlib";

/** Records of one shard, in order. */
export type Records = readonly (readonly [id: string, body: string])[];

const HEAD_BYTES = 10;
const BODY_LENGTH_OFFSET = 2;

export function recordBytes(id: string, body: string | Uint8Array): Buffer {
  const [name, content] = [Buffer.from(id), Buffer.from(body)];
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16LE(name.length);
  head.writeBigUInt64LE(BigInt(content.length), BODY_LENGTH_OFFSET);
  return Buffer.concat([head, name, content]);
}

export function shardBytes(records: Records): Buffer {
  return zstdCompressSync(Buffer.concat(records.map(([id, body]) => recordBytes(id, body))));
}

/** What is on the disk of a recorder after each of its flushes, one per group of records, and after it closed the shard. */
export async function flushedShard(groups: readonly Records[]): Promise<Buffer[]> {
  const stream = createZstdCompress();
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const states: Buffer[] = [];
  for (const records of groups) {
    for (const [id, body] of records) stream.write(recordBytes(id, body));
    await new Promise<void>((resolve) => {
      stream.flush(constants.ZSTD_e_flush, () => resolve());
    });
    states.push(Buffer.concat(chunks));
  }
  stream.end();
  await once(stream, "end");
  return [...states, Buffer.concat(chunks)];
}
