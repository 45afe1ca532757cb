import type { ResponseEvent } from "@codex-ts/protocol";

/** Whether an event is the last of its response: no other follows it. The most frequent event comes first. */
export function endsResponse(event: ResponseEvent): boolean {
  switch (event.type) {
    case "outputTextDelta":
    case "toolCallInputDelta":
    case "reasoningSummaryDelta":
    case "reasoningContentDelta":
    case "reasoningSummaryPartAdded":
    case "created":
    case "outputItemAdded":
    case "outputItemDone":
    case "serverModel":
    case "modelVerifications":
    case "turnModerationMetadata":
    case "serverReasoningIncluded":
    case "rateLimits":
    case "modelsEtag":
    case "unreadableItem":
    case "other":
      return false;
    case "completed":
      return true;
    default:
      event satisfies never;
      return false;
  }
}
