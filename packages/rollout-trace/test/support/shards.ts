import { once } from "node:events";
import { constants, createZstdCompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";

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

/** The records of a shard by id, also of one that was not ended. */
export function readRecords(shard: Uint8Array): Map<string, string> {
  const bytes = zstdDecompressSync(shard, { finishFlush: constants.ZSTD_e_flush });
  const records = new Map<string, string>();
  for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
    const idEnd = at + HEAD_BYTES + bytes.readUInt16LE(at);
    const end = idEnd + Number(bytes.readBigUInt64LE(at + BODY_LENGTH_OFFSET));
    if (end > bytes.length) break;
    records.set(bytes.toString("utf8", at + HEAD_BYTES, idEnd), bytes.toString("utf8", idEnd, end));
    at = end;
  }
  return records;
}
