import type { ErrorPolicy } from "@codex-ts/api";
import type { ResponseEvent } from "@codex-ts/protocol";
import { seededRandom } from "@codex-ts/test-support";
import { EventStreamBody } from "../../src/stream/event-stream-body.ts";
import type { Outcome } from "./client.ts";
import { outcomeOf } from "./client.ts";

export interface DecodeOptions {
  readonly policy?: ErrorPolicy;
  readonly maxEventBytes?: number;
  readonly upstreamRequestId?: string;
}

/** Runs chunks through the decoder of an HTTP stream, without a socket. */
export async function decodeChunks(
  chunks: Iterable<Uint8Array>,
  options: DecodeOptions = {},
): Promise<Outcome> {
  const body = new EventStreamBody({
    source: { pause() {}, resume() {}, abort() {}, release() {} },
    headers: undefined,
    upstreamRequestId: options.upstreamRequestId,
    reporter: undefined,
    policy: options.policy ?? "0.169",
    idleTimeoutMs: 60_000,
    maxEventBytes: options.maxEventBytes ?? 1024 * 1024,
    turnState: undefined,
    signal: undefined,
  });
  for (const chunk of chunks) body.onData(Buffer.from(chunk));
  body.onEnd();
  return outcomeOf(body.stream);
}

/** The same bytes whole, byte by byte, and split at random places. */
export function waysToSplit(
  bytes: Uint8Array,
  seed: number,
): { readonly way: string; readonly chunks: readonly Uint8Array[] }[] {
  return [
    { way: "whole", chunks: [bytes] },
    { way: "byte by byte", chunks: Array.from(bytes, (byte) => Uint8Array.of(byte)) },
    { way: `split at random, seed ${seed}`, chunks: splitAtRandom(bytes, seed) },
  ];
}

export function splitAtRandom(bytes: Uint8Array, seed: number): Uint8Array[] {
  const random = seededRandom(seed);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + Math.floor(random() * 24);
    chunks.push(bytes.subarray(at, end));
    at = Math.min(end, bytes.length);
  }
  return chunks;
}

/** One event with the framing most servers use. */
export function sse(event: object): string {
  return `event: ${String((event as { type?: unknown }).type)}\ndata: ${JSON.stringify(event)}\n\n`;
}

export const completedEvent = { type: "response.completed", response: { id: "resp_1" } };
export const completedSse: string = sse(completedEvent);

export function delta(text: string): object {
  return { type: "response.output_text.delta", delta: text };
}

/** What a stream delivered, without the items that a completed response was owed. */
export function eventTypes(events: readonly ResponseEvent[]): string[] {
  return events.filter(({ type }) => type !== "outputItemDone").map(({ type }) => type);
}

/** Texts of the deltas of an outcome. */
export function deltas(outcome: Outcome): string[] {
  return outcome.events.flatMap((event) => (event.type === "outputTextDelta" ? event.delta : []));
}
