import { join } from "node:path";
import type {
  StartRootTraceOptions,
  ThreadTrace,
  TraceLimits,
  TraceSchemaVersion,
} from "@codex-ts/rollout-trace";
import { seededRandom } from "@codex-ts/test-support";
import { recordEveryEvent, recordEveryEventWithIds } from "./every-event.ts";
import { failingFileSystem } from "./failing-file-system.ts";
import { recordRandomSession } from "./random-session.ts";
import { onlyBundle, startRoot } from "./recording.ts";

/** How many payloads or events fit on the disk of a run that outgrows it. */
const DISK_SIZES = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];

/** A bundle our recorders wrote. */
export interface OwnBundle {
  readonly name: string;
  readonly path: string;
}

/**
 * Writes bundles of every sort our recorders can write below `root`: a run with every event, the same run on disks that
 * are too small, and random runs. The same arguments give the same bundles.
 */
export async function writeOwnBundles({
  root,
  schemaVersion,
  randomRuns,
  diskSizes = DISK_SIZES,
}: {
  readonly root: string;
  readonly schemaVersion: TraceSchemaVersion;
  /** Number of random runs; each is the same in every call. */
  readonly randomRuns: number;
  /** Of the small disks; default ten sizes from 1 to 89. */
  readonly diskSizes?: readonly number[];
}): Promise<OwnBundle[]> {
  const write = async (
    name: string,
    more: Partial<StartRootTraceOptions>,
    record: (trace: ThreadTrace) => void,
  ): Promise<OwnBundle> => {
    const folder = join(root, name);
    const trace = startRoot(folder, { schemaVersion, ...more });
    record(trace);
    await trace.close();
    return { name, path: onlyBundle(folder) };
  };
  const small = (kind: "payloads" | "appends"): Promise<OwnBundle>[] =>
    diskSizes.map((count) =>
      write(
        `full-disk-${kind}-${count}`,
        { fileSystem: failingFileSystem({ [kind]: count }), onWarning: () => {} },
        recordEveryEvent,
      ),
    );
  const random = Array.from({ length: randomRuns }, (_, seed) =>
    write(`random-${seed}`, {}, (trace) => {
      const next = seededRandom(seed);
      recordRandomSession(trace, (count) => Math.floor(next() * count), 40 + seed);
    }),
  );
  const limited = (name: string, limits: TraceLimits): Promise<OwnBundle> =>
    write(`limited-${name}`, { limits, onWarning: () => {} }, recordEveryEventWithIds);
  const onlyInSchema3 = [
    write("every-event-with-ids", {}, recordEveryEventWithIds),
    limited("payload", { maxPayloadBytes: 150 }),
    limited("tiny-payload", { maxPayloadBytes: 10 }),
    write("limited-texts", { limits: { maxPayloadBytes: 1000 } }, recordLongTexts),
    limited("all", { maxBytes: 30_000 }),
    limited("little", { maxBytes: 5000 }),
  ];
  return Promise.all([
    write("every-event", {}, recordEveryEvent),
    ...small("payloads"),
    ...small("appends"),
    ...random,
    ...(schemaVersion === 3 ? onlyInSchema3 : []),
  ]);
}

/** Two requests with a text and an output that a limit cuts. */
export function recordLongTexts(trace: ThreadTrace): void {
  trace.recordTurnStarted({ turnId: "turn-a" });
  const context = trace.inferenceContext({ turnId: "turn-a", model: "m", providerName: "p" });
  const input = [
    { type: "message", role: "user", content: [{ type: "input_text", text: "u".repeat(5000) }] },
    { type: "function_call", name: "read", arguments: "{}", call_id: "call_1" },
    { type: "function_call_output", call_id: "call_1", output: "o".repeat(5000) },
  ];
  for (const count of [1, input.length])
    context.startAttempt().recordStarted({ input: input.slice(0, count) });
}
