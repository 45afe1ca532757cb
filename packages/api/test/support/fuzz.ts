import { ApiError } from "@codex-ts/api";
import type { Outcome } from "./client.ts";
import { decodeChunks, splitAtRandom } from "./decode.ts";
import { mutatedStreams } from "./mutate.ts";

export interface FuzzReport {
  readonly bytes: number;
  readonly streams: number;
  /** How streams ended: `completed`, or the reason or code of the error. */
  readonly ends: Readonly<Record<string, number>>;
}

/**
 * Feeds mutated streams of `totalBytes` to the decoder, whole and split. Throws, naming seed and stream, when something
 * crashes, ends in no typed way, or depends on where the bytes were split.
 */
export async function fuzzDecoder(seed: number, totalBytes: number): Promise<FuzzReport> {
  const ends: Record<string, number> = {};
  let bytes = 0;
  let streams = 0;
  for (const stream of mutatedStreams(seed)) {
    streams += 1;
    bytes += stream.length;
    const policy = streams % 2 === 0 ? "0.169" : "0.140";
    const whole = await decodeChunks([stream], { policy, maxEventBytes: 4096 });
    const split = await decodeChunks(splitAtRandom(stream, seed + streams), {
      policy,
      maxEventBytes: 4096,
    });
    const problem = problemWith(whole, split);
    if (problem !== undefined) {
      throw new Error(
        `${problem}; seed ${seed}, stream ${streams}: ${JSON.stringify(stream.toString("latin1"))}`,
      );
    }
    const end = endOf(whole);
    ends[end] = (ends[end] ?? 0) + 1;
    if (bytes >= totalBytes) break;
  }
  return { bytes, streams, ends };
}

function problemWith(whole: Outcome, split: Outcome): string | undefined {
  for (const outcome of [whole, split]) {
    if (outcome.error !== undefined && !ApiError.is(outcome.error)) return "an untyped error";
    const completed = outcome.events.findIndex((event) => event.type === "completed");
    if (completed >= 0 && completed !== outcome.events.length - 1) return "an event after the end";
    if (completed >= 0 === (outcome.error !== undefined)) return "not exactly one end";
  }
  // A chunk with an invalid byte is refused as a whole, so that only the end can be compared.
  if (endOf(whole) === "invalid_utf8" || endOf(split) === "invalid_utf8") return undefined;
  return JSON.stringify(whole.events) === JSON.stringify(split.events) &&
    endOf(whole) === endOf(split)
    ? undefined
    : "the result depends on the chunks";
}

function endOf({ error }: Outcome): string {
  if (error === undefined) return "completed";
  return error.code === "stream" ? error.reason : error.code;
}
