import { createHash } from "node:crypto";

/** Names of this package, so that its ids meet nobody else's. */
const NAMESPACE = Buffer.from("6f2b8d0e4c1a4f7d9b35a8e07c64d219", "hex");

/** The version-5 UUID of a name: the same name has the same id, in every process. */
export function uuidV5(name: string): string {
  const hash = createHash("sha1").update(NAMESPACE).update(name).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
