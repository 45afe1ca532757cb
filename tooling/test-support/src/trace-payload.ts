import { readFileSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdDecompressSync } from "node:zlib";

/** Names a payload of a trace bundle: a file (schema 1 and 2), or a record in a shard (schema 3). */
export interface TracePayloadReference {
  readonly raw_payload_id: string;
  readonly path?: string;
  readonly shard?: number | null;
  readonly parts?: readonly TracePayloadReference[];
}

const HEAD_BYTES = 10;
const BODY_LENGTH_OFFSET = 2;

/** The text of a payload, with its parts in their places. Throws where there is none. */
export function readTracePayload(
  bundle: string,
  { raw_payload_id: id, path, shard, parts }: TracePayloadReference,
): string {
  if (path !== undefined) return readFileSync(join(bundle, path), "utf8");
  const file = join(bundle, "payloads", `${String(shard).padStart(6, "0")}.zst`);
  const text = readShardRecords(readFileSync(file)).get(id);
  if (text === undefined) throw new Error(`there is no record ${id} in shard ${shard}`);
  if (parts === undefined) return text;
  const fragments = JSON.parse(text) as string[];
  return fragments
    .map((fragment, index) => {
      const part = parts[index - 1];
      return part === undefined ? fragment : readTracePayload(bundle, part) + fragment;
    })
    .join("");
}

/** The records of a shard by id, also of one that was not ended. */
export function readShardRecords(shard: Uint8Array): Map<string, string> {
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
