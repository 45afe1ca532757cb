import { readFileSync } from "node:fs";
import path from "node:path";
import type { CodexThread } from "@codex-ts/core";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import type { ReducedTrace } from "@codex-ts/rollout-trace";
import { joinWire, readWireLog, summarizeWire } from "@codex-ts/rollout-trace/wire";
import type { WireJoin, WireLog, WireRecord, WireSummary } from "@codex-ts/rollout-trace/wire";

/** A closed bundle with its wire log. */
export interface ReadWire {
  readonly state: ReducedTrace;
  readonly log: WireLog;
  readonly join: WireJoin;
  readonly summary: WireSummary;
  /** `wire.jsonl` as it is. */
  readonly text: string;
  of<Type extends WireRecord["type"]>(type: Type): Extract<WireRecord, { type: Type }>[];
  /** Code and outcome of each request that is a turn's or a compaction's, in order. */
  readonly codes: readonly (string | undefined)[];
}

/** Closes the thread and reads its bundle, as strictly as Codex would. */
export async function readWireOf(thread: CodexThread): Promise<ReadWire> {
  await thread.close();
  return readWireAt(thread.bundlePath ?? "", "strict");
}

export async function readWireAt(bundle: string, mode: "strict" | "tolerant"): Promise<ReadWire> {
  const { state } = await reduceBundle(openBundle(bundle), { mode });
  const log = await readWireLog(openBundle(bundle));
  const join = joinWire(state, log);
  return {
    state,
    log,
    join,
    summary: summarizeWire(log, join),
    text: readText(bundle),
    of: (type) => log.records.filter((record) => record.type === type) as never,
    codes: join.requests
      .filter(({ kind }) => kind === "turn" || kind === "compaction")
      .map(({ diagnosis }) =>
        diagnosis?.firstCode === undefined
          ? diagnosis?.code
          : `${diagnosis.code}: ${diagnosis.firstCode}`,
      ),
  };
}

function readText(bundle: string): string {
  try {
    return readFileSync(path.join(bundle, "wire.jsonl"), "utf8");
  } catch {
    return "";
  }
}
