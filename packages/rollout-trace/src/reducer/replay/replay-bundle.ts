import type { ByteOperations } from "../../json/bytes.ts";
import { readManifest } from "../../reader/manifest.ts";
import { TraceReadError } from "../../reader/problem.ts";
import type { ZstdDecoder } from "../../reader/shards/zstd-decoder.ts";
import type { BundleSource } from "../../reader/source.ts";
import type { ContentObserver } from "../content-observer.ts";
import type { TraceReadMode } from "../context.ts";
import { LogDriver } from "./replay-log.ts";
import { Replay } from "./replay.ts";

/** Options of `reduceBundle`. */
export interface ReduceBundleOptions {
  /** Default `tolerant`: reduce what is there. `strict` rejects what Codex's own reducer rejects. */
  readonly mode?: TraceReadMode | undefined;
  /**
   * Default `false`: what a request, or its line in the log, repeats from the one before is compared, not parsed. `true`
   * parses everything; the result is the same.
   */
  readonly fullParse?: boolean | undefined;
  /**
   * Makes decoders for the shards of schema 3. Default: Node's own zstd. The entry `@codex-ts/rollout-trace/reducer`,
   * which runs anywhere, has no default, and reads the bundles of schema 3 only with one.
   */
  readonly zstd?: ZstdDecoder | undefined;
  /** Stops between two events; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Receives the contents of requests and responses while they are read. */
  readonly observer?: ContentObserver | undefined;
}

/** A replay of all there is. */
export async function replayBundle(
  { bytes, ...platform }: Platform,
  source: BundleSource,
  {
    mode = "tolerant",
    fullParse = false,
    signal,
    zstd = platform.zstd,
    observer,
  }: ReduceBundleOptions,
): Promise<Replay> {
  const log = await source.events();
  const replay = await openReplay(source, {
    bytes,
    mode,
    fullParse,
    hasLog: log !== undefined,
    observer,
  });
  if (log === undefined) {
    replay.problem("event_log_missing", "the bundle has no trace.jsonl");
    return replay;
  }
  const driver = new LogDriver(replay, { source, bytes, zstd, signal });
  try {
    await driver.run(log);
  } finally {
    driver.close();
  }
  return replay;
}

/** Operations that a platform does better than portable code, or that only some platforms have. */
export interface Platform {
  readonly bytes: ByteOperations;
  readonly zstd: ZstdDecoder | undefined;
}

export async function openReplay(
  source: BundleSource,
  {
    hasLog,
    ...options
  }: {
    readonly bytes: ByteOperations;
    readonly mode: TraceReadMode;
    readonly fullParse: boolean;
    readonly hasLog: boolean;
    readonly observer?: ContentObserver | undefined;
  },
): Promise<Replay> {
  const manifestBytes = await source.readManifest();
  if (manifestBytes === undefined && !hasLog) {
    throw new TraceReadError(
      "bundle_missing",
      "this is no trace bundle: it has neither manifest.json nor trace.jsonl",
      {},
    );
  }
  const manifest =
    manifestBytes === undefined
      ? { members: {}, problem: "the bundle has no manifest.json" }
      : readManifest(options.bytes, manifestBytes);
  const replay = new Replay({ ...options, manifest: manifest.members });
  if (manifest.problem !== undefined) {
    const code = manifestBytes === undefined ? "manifest_missing" : "manifest_invalid";
    replay.problem(code, manifest.problem);
  }
  return replay;
}
