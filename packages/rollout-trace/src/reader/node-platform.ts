import type { Platform } from "../reducer/replay/replay-bundle.ts";
import { nodeByteOperations } from "./node-bytes.ts";
import { nodeZstdDecoder } from "./shards/node-zstd.ts";

export function nodePlatform(): Platform {
  return { bytes: nodeByteOperations(), zstd: nodeZstdDecoder };
}
