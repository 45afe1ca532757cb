import type { ResponseEvent } from "@codex-ts/protocol";

/** Whether an event is output of the model: the first such event ends the wait for the first token. */
export function isModelOutput(event: ResponseEvent): boolean {
  switch (event.type) {
    case "outputItemAdded":
    case "outputItemDone":
    case "outputTextDelta":
    case "toolCallInputDelta":
    case "reasoningSummaryDelta":
    case "reasoningContentDelta":
      return true;
    case "created":
    case "reasoningSummaryPartAdded":
    case "serverModel":
    case "modelVerifications":
    case "turnModerationMetadata":
    case "serverReasoningIncluded":
    case "rateLimits":
    case "modelsEtag":
    case "completed":
    case "unreadableItem":
    case "other":
      return false;
  }
}
