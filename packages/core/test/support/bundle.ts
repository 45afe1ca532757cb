import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import type { InferenceCall, ReducedTrace } from "@codex-ts/rollout-trace";
import type { CodexThread } from "@codex-ts/core";
import { readTracePayload } from "@codex-ts/test-support";
import type { TracePayloadReference } from "@codex-ts/test-support";
import type { RawTraceEvent, RawTraceEventPayload } from "@codex-ts/rollout-trace";

/** A bundle as it lies on disk. */
export interface RawBundle {
  readonly events: readonly RawTraceEvent[];
  /** Payloads of the events of one type. */
  of<Type extends RawTraceEventPayload["type"]>(
    type: Type,
  ): Extract<RawTraceEventPayload, { type: Type }>[];
  /** Content of a payload. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into JSON of many shapes
  payload(reference: TracePayloadReference | null | undefined): any;
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
      return JSON.parse(readTracePayload(path, reference));
    },
  };
}

/** Closes the thread and reduces its bundle as strictly as Codex does. */
export async function reduceStrictly(thread: CodexThread): Promise<ReducedTrace> {
  await thread.close();
  if (thread.bundlePath === undefined) throw new Error("nothing was recorded");
  const { state } = await reduceBundle(openBundle(thread.bundlePath), { mode: "strict" });
  return state;
}

/** The inferences of a state in the order they started. */
export function inferencesOf(state: ReducedTrace): InferenceCall[] {
  return Object.values(state.inference_calls).toSorted(
    (left, right) => left.execution.started_seq - right.execution.started_seq,
  );
}

/** How each inference ended: its status, its two ids, and how many items its response has. */
export function endsOf(
  state: ReducedTrace,
): (readonly [
  status: string,
  responseId: string | null,
  upstreamRequestId: string | null,
  itemCount: number,
])[] {
  return inferencesOf(state).map((call) => [
    call.execution.status,
    call.response_id,
    call.upstream_request_id,
    call.response_item_ids.length,
  ]);
}

/** Texts of the conversation of the root thread, in order; calls and outputs by their kind. */
export function conversationOf(state: ReducedTrace): string[] {
  const thread = state.threads[state.root_thread_id];
  return (thread?.conversation_item_ids ?? []).map((id) => {
    const item = state.conversation_items[id];
    const texts = item?.body.parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
    return texts?.length ? texts.join("") : (item?.kind ?? "missing");
  });
}
