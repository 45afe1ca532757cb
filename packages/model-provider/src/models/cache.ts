import { join } from "node:path";
import { readPlainText } from "@codex-ts/api/internal";
import { type ModelInfo, isJsonObject, readModelInfo, toWireModelInfo } from "@codex-ts/protocol";
import { replaceFile } from "../auth/storage/atomic-file.ts";

/** The file name inside the home directory, shared with Codex. */
const CACHE_FILE_NAME = "models_cache.json";
const MAX_AGE_MS = 300_000;
/** Of some hundred models, with the instructions of each. */
const MAX_CACHE_BYTES = 16 * 1024 * 1024;

/** One fetched catalog and what it is good for. */
export interface CachedModels {
  readonly fetchedAtMs: number;
  readonly etag: string | undefined;
  readonly clientVersion: string;
  /** Hash of provider and account: another one's catalog is none. */
  readonly identity: string;
  readonly models: readonly ModelInfo[];
}

/** Whether the catalog may be used without asking again. */
export function isFresh(cached: CachedModels, nowMs: number): boolean {
  return nowMs - cached.fetchedAtMs < MAX_AGE_MS && nowMs >= cached.fetchedAtMs;
}

/** Reads the cache; anything unexpected, another version or another identity counts as no cache. */
export function readCachedModels(
  codexHome: string,
  expected: { readonly clientVersion: string; readonly identity: string },
): CachedModels | undefined {
  const document = readDocument(join(codexHome, CACHE_FILE_NAME));
  const { fetched_at: fetchedAt, etag, client_version: clientVersion, identity, models } = document;
  if (clientVersion !== expected.clientVersion || identity !== expected.identity) return undefined;
  if (typeof fetchedAt !== "string" || !Array.isArray(models)) return undefined;
  const fetchedAtMs = Date.parse(fetchedAt.replace(/(\.\d{3})\d+/, "$1"));
  const read = models.map((model) => readModelInfo(model));
  if (Number.isNaN(fetchedAtMs) || !read.every((model) => model !== undefined)) return undefined;
  return {
    ...expected,
    fetchedAtMs,
    etag: typeof etag === "string" ? etag : undefined,
    models: read,
  };
}

/** Replaces the cache, 0600. */
export async function writeCachedModels(codexHome: string, cached: CachedModels): Promise<void> {
  const document = {
    fetched_at: new Date(cached.fetchedAtMs).toISOString(),
    ...(cached.etag === undefined ? {} : { etag: cached.etag }),
    client_version: cached.clientVersion,
    identity: cached.identity,
    models: cached.models.map((model) => toWireModelInfo(model)),
  };
  await replaceFile(join(codexHome, CACHE_FILE_NAME), JSON.stringify(document, null, 2));
}

function readDocument(path: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(readPlainText(path, { maxBytes: MAX_CACHE_BYTES }));
    return isJsonObject(document) ? document : {};
  } catch {
    return {};
  }
}
