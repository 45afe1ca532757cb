import type { ResponseEvent } from "@codex-ts/protocol";

const EVENT_OVERHEAD_BYTES = 64;

/** Sizes of bodies already measured: an event is asked about when it is queued and when it is taken. */
const measured = new WeakMap<object, number>();

/** Memory an event takes, roughly, in bytes. */
export function approximateEventBytes(event: ResponseEvent): number {
  switch (event.type) {
    case "outputTextDelta":
    case "toolCallInputDelta":
    case "reasoningSummaryDelta":
    case "reasoningContentDelta":
      return EVENT_OVERHEAD_BYTES + event.delta.length;
    case "outputItemAdded":
    case "outputItemDone":
      return bodyBytes(event.item);
    case "other":
      return bodyBytes(event.raw);
    case "created":
    case "unreadableItem":
    case "reasoningSummaryPartAdded":
    case "serverModel":
    case "modelVerifications":
    case "turnModerationMetadata":
    case "serverReasoningIncluded":
    case "rateLimits":
    case "modelsEtag":
    case "completed":
      return EVENT_OVERHEAD_BYTES;
    default:
      event satisfies never;
      return EVENT_OVERHEAD_BYTES;
  }
}

/** Whole items, which are rare, are measured by their JSON, once. */
function bodyBytes(body: object): number {
  const known = measured.get(body);
  if (known !== undefined) return known;
  const bytes = EVENT_OVERHEAD_BYTES + JSON.stringify(body).length;
  measured.set(body, bytes);
  return bytes;
}
