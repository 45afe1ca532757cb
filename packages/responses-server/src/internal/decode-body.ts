import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import type { JsonValue } from "@codex-ts/protocol";

/** A request body in its three forms. */
export interface DecodedBody {
  readonly bodyBytes: Uint8Array;
  readonly bodyText: string;
  readonly body: JsonValue | undefined;
}

/** A body that could not be read: how to respond, and why. */
export class BodyError extends Error {
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

type Decompress = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

const DECOMPRESSORS: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ["zstd", promisify(zstdDecompress)],
  ["gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
  ["br", promisify(brotliDecompress)],
]);

/** Reads a whole request body; rejects with the stream's error when the client leaves before its end. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Reading goes on without keeping: an answer sent before the end of an upload may be lost to the client.
    if (length <= limitBytes) chunks.push(chunk);
  }
  if (length > limitBytes)
    throw new BodyError(413, `request body is larger than ${limitBytes} bytes`);
  return Buffer.concat(chunks);
}

/** Undoes `content-encoding` and reads JSON where there is JSON. */
export async function decodeBody(
  bodyBytes: Buffer,
  contentEncoding: string | undefined,
  limitBytes: number,
): Promise<DecodedBody> {
  const plain = await decompress(bodyBytes, contentEncoding?.trim().toLowerCase(), limitBytes);
  const bodyText = plain.toString("utf8");
  return { bodyBytes, bodyText, body: readJson(bodyText) };
}

/** The value of a JSON text; `undefined` for anything else. */
export function readJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

async function decompress(
  bytes: Buffer,
  encoding: string | undefined,
  limitBytes: number,
): Promise<Buffer> {
  if (encoding === undefined || encoding === "" || encoding === "identity") return bytes;
  const decompressor = DECOMPRESSORS.get(encoding);
  if (!decompressor) throw new BodyError(400, `content-encoding ${encoding} is not supported`);
  try {
    return await decompressor(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) throw new BodyError(413, `request body grows over ${limitBytes} bytes`, error);
    throw new BodyError(400, `request body is no valid ${encoding}`, error);
  }
}
