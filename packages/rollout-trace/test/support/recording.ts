import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject, MessageItem } from "@codex-ts/protocol";
import {
  ThreadTrace,
  type PayloadReference,
  type RawTraceEvent,
  type RawTraceEventPayload,
  type StartRootTraceOptions,
  type ThreadTraceMetadata,
} from "@codex-ts/rollout-trace";
import { manualClock, readTracePayload } from "@codex-ts/test-support";

export const ROOT_THREAD = "00000000-0000-7000-8000-000000000001";
export const CHILD_THREAD = "00000000-0000-7000-8000-000000000002";

function metadataOf(
  threadId: string,
  more: Partial<ThreadTraceMetadata> = {},
): ThreadTraceMetadata {
  return {
    threadId,
    agentPath: "/root",
    sessionSource: "exec",
    cwd: "/workspace",
    model: "model-a",
    providerName: "provider-a",
    approvalPolicy: "never",
    sandboxPolicy: "read-only",
    ...more,
  };
}

export function childMetadata(threadId: string = CHILD_THREAD): ThreadTraceMetadata {
  return metadataOf(threadId, {
    agentPath: "/root/helper",
    taskName: "helper",
    sessionSource: {
      subagent: {
        thread_spawn: {
          parent_thread_id: ROOT_THREAD,
          depth: 1,
          agent_path: "/root/helper",
          agent_nickname: null,
          agent_role: null,
        },
      },
    },
  });
}

/** UUIDs that differ and count up, so that a recording is the same in every run. */
export function countingUuids(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;
  };
}

/** A root thread that records below `root`, with a clock and ids that are the same in every run. */
export function startRoot(root: string, more: Partial<StartRootTraceOptions> = {}): ThreadTrace {
  const clock = manualClock();
  return ThreadTrace.startRoot({
    root,
    metadata: metadataOf(ROOT_THREAD),
    now: () => {
      clock.advance(1);
      return clock.now();
    },
    randomUuid: countingUuids(),
    // Most tests look into payload files.
    schemaVersion: 2,
    // Thrown where the writer cannot swallow it.
    onWarning: (warning) => {
      queueMicrotask(() => {
        throw new Error(`unexpected warning: ${warning}`);
      });
    },
    ...more,
  });
}

/** The only bundle below a directory. */
export function onlyBundle(root: string): string {
  const names = readdirSync(root);
  const [name] = names;
  if (names.length !== 1 || name === undefined) {
    throw new Error(`expected one bundle in ${root}, found ${names.length}`);
  }
  return join(root, name);
}

export function readEvents(bundle: string): RawTraceEvent[] {
  const text = readFileSync(join(bundle, "trace.jsonl"), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RawTraceEvent);
}

export function eventTypes(bundle: string): string[] {
  return readEvents(bundle).map(({ payload }) => payload.type);
}

type OfType<P, T> = P extends { readonly type: infer U } ? (T extends U ? P : never) : never;

/** The payloads that may have the type `T`. */
export type EventOf<T extends RawTraceEventPayload["type"]> = OfType<RawTraceEventPayload, T>;

/** Payloads of all events of one type, in order. */
export function eventsOf<T extends RawTraceEventPayload["type"]>(
  bundle: string,
  type: T,
): EventOf<T>[] {
  return readEvents(bundle)
    .map(({ payload }) => payload)
    .filter((payload) => payload.type === type) as EventOf<T>[];
}

/** The only event of a type; fails when there is none or more than one. */
export function onlyEvent<T extends RawTraceEventPayload["type"]>(
  bundle: string,
  type: T,
): EventOf<T> {
  const events = eventsOf(bundle, type);
  const [event] = events;
  if (events.length !== 1 || event === undefined) {
    throw new Error(`expected one ${type}, found ${events.length}`);
  }
  return event;
}

export function readPayload(
  bundle: string,
  reference: PayloadReference | null | undefined,
): JsonObject {
  if (!reference) throw new Error("the event names no payload");
  return JSON.parse(readTracePayload(bundle, reference)) as JsonObject;
}

/** Every payload reference anywhere in the log. */
export function references(bundle: string): PayloadReference[] {
  return readEvents(bundle).flatMap(({ payload }) =>
    Object.values(payload as unknown as JsonObject).filter(
      (value): value is PayloadReference & JsonObject =>
        typeof value === "object" && value !== null && "raw_payload_id" in value,
    ),
  );
}

/** Ids of payloads that are missing, or are no JSON. */
export function brokenReferences(bundle: string): string[] {
  return references(bundle).flatMap((reference) => {
    if (reference.capture !== undefined) return [];
    try {
      JSON.parse(readTracePayload(bundle, reference));
      return [];
    } catch {
      return [reference.raw_payload_id];
    }
  });
}

export function message(text: string, more: Partial<MessageItem> = {}): MessageItem {
  return {
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text }],
    ...more,
  };
}

export function userMessage(text: string): MessageItem {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

/** Facts of an end that brought nothing. */
export const NOTHING = { upstreamRequestId: null, outputItems: [] } as const;
