import { realpathSync, statSync } from "node:fs";
import { EVENT_LOG_FILE, MANIFEST_FILE } from "../format/bundle.ts";
import { WIRE_LOG_FILE } from "../wire/records.ts";
import { MAX_MANIFEST_BYTES } from "./manifest.ts";
import { PlainFileReader } from "./plain-file-reader.ts";
import type { GrowingFile } from "./plain-file-reader.ts";
import { TraceReadError } from "./problem.ts";
import type { BundleSource } from "./source.ts";

/**
 * Opens a bundle directory for {@link reduceBundle}. Nothing outside the directory is read, even if its events or its
 * symbolic links lead there. Throws a {@link TraceReadError} of code `bundle_missing` when the path is not a directory.
 */
export function openBundle(path: string): BundleSource {
  const reader = openBundleDirectory(path);
  return {
    readManifest: () => reader.tryReadStart(MANIFEST_FILE, MAX_MANIFEST_BYTES + 1),
    events() {
      const log = reader.tryOpen(EVENT_LOG_FILE);
      return log === undefined ? undefined : chunksOf(log);
    },
    wireLog() {
      const log = reader.tryOpen(WIRE_LOG_FILE);
      return log === undefined ? undefined : chunksOf(log);
    },
    readPayload: (payloadPath) => reader.read(payloadPath),
    readShard: (shardPath, offset) => reader.readFrom(shardPath, offset),
  };
}

/** The files of a bundle directory, confined to it. */
export function openBundleDirectory(path: string): PlainFileReader {
  let real: string;
  try {
    real = realpathSync(path);
    if (statSync(real).isDirectory()) return new PlainFileReader(real);
  } catch (cause) {
    throw missing(path, cause);
  }
  throw missing(path, undefined);
}

function* chunksOf(log: GrowingFile): Generator<Uint8Array, void> {
  try {
    for (let chunk = log.read(); chunk !== undefined; chunk = log.read()) yield chunk;
  } finally {
    log.close();
  }
}

function missing(path: string, cause: unknown): TraceReadError {
  return new TraceReadError("bundle_missing", `trace bundle ${path} is not a directory`, {}, cause);
}
