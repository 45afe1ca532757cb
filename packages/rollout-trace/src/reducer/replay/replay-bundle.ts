import type { ByteOperations } from "../../json/bytes.ts";
import { readManifest } from "../../reader/manifest.ts";
import { TraceReadError } from "../../reader/problem.ts";
import type { BundleSource } from "../../reader/source.ts";
import type { TraceReadMode } from "../context.ts";
import { LogDriver } from "./replay-log.ts";
import { Replay } from "./replay.ts";

/** Options of `reduceBundle`. */
export interface ReduceBundleOptions {
  /** Default `tolerant`: reduce what is there. `strict` rejects what Codex's own reducer rejects. */
  readonly mode?: TraceReadMode | undefined;
  /**
   * Default `false`: the beginning that a request repeats from the one before is compared, not parsed. `true` parses
   * every request whole; the result is the same.
   */
  readonly fullParse?: boolean | undefined;
  /** Stops between two events; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A replay of all there is. */
export async function replayBundle(
  bytes: ByteOperations,
  source: BundleSource,
  { mode = "tolerant", fullParse = false, signal }: ReduceBundleOptions,
): Promise<Replay> {
  const log = await source.events();
  const replay = await openReplay(source, { bytes, mode, fullParse, hasLog: log !== undefined });
  const driver = new LogDriver(replay, source, bytes, signal);
  if (log === undefined) replay.problem("event_log_missing", "the bundle has no trace.jsonl");
  else await driver.run(log);
  return replay;
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
