import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RawTraceEvent, RawTraceEventPayload } from "@codex-ts/rollout-trace";

/** A bundle as it lies on disk. */
export interface RawBundle {
  readonly events: readonly RawTraceEvent[];
  /** Payloads of the events of one type. */
  of<Type extends RawTraceEventPayload["type"]>(
    type: Type,
  ): Extract<RawTraceEventPayload, { type: Type }>[];
  /** Content of the file a reference points to. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into JSON of many shapes
  payload(reference: { readonly path: string } | null | undefined): any;
}

export function readRawBundle(path: string | undefined): RawBundle {
  if (path === undefined) throw new Error("nothing was recorded");
  const events = readFileSync(join(path, "trace.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RawTraceEvent);
  return {
    events,
    of(type) {
      return events
        .map((event) => event.payload)
        .filter((payload) => payload.type === type) as never;
    },
    payload(reference) {
      if (!reference) throw new Error("no payload");
      return JSON.parse(readFileSync(join(path, reference.path), "utf8"));
    },
  };
}
