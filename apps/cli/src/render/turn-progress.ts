import type { InferenceSummary, TurnEvent, TurnItem } from "@codex-ts/core";
import { clipId } from "./clip.ts";
import { formatMilliseconds } from "./inference-line.ts";
import { plural } from "./plural.ts";

/** Counts what a turn has done so far, for the line that shows it while it runs and the one after it. */
export class TurnProgress {
  readonly #startedAtMs = performance.now();
  #doing = "starting";
  /** Questions nobody has decided about yet. */
  #open = 0;
  #requests = 0;
  #retries = 0;
  #inputTokens = 0;
  #cachedTokens = 0;
  #outputTokens = 0;
  #responseId: string | undefined;
  #upstreamRequestId: string | undefined;

  note(event: TurnEvent): void {
    this.#doing = doing(event) ?? this.#doing;
    if (event.type === "approvalRequested") this.#open += 1;
    if (event.type === "approvalResolved") this.#open -= 1;
    if (event.type === "inferenceFinished") this.#noteRequest(event.inference);
    if (event.type === "streamRetry") this.#retries += 1;
  }

  noteRetry(): void {
    this.#retries += 1;
  }

  /** `waiting for the model | 12 s | 1200 in, 30 out | 2 retries`; `undefined` while the user is asked something. */
  status(): string | undefined {
    if (this.#open > 0) return undefined;
    const seconds = Math.floor((performance.now() - this.#startedAtMs) / 1000);
    return [
      this.#doing,
      `${seconds} s`,
      ...(this.#requests > 0 ? [this.#tokens()] : []),
      ...(this.#retries > 0 ? [plural(this.#retries, "retry", "retries")] : []),
    ].join(" | ");
  }

  /** The line after the turn, with both ids of its last request; `undefined` for a turn without one. */
  summary(end: "completed" | "failed" | "stopped"): string | undefined {
    if (this.#requests === 0) return undefined;
    return [
      `turn ${end}`,
      plural(this.#requests, "request"),
      `response_id ${clipId(this.#responseId ?? "-")}`,
      `upstream_request_id ${clipId(this.#upstreamRequestId ?? "-")}`,
      this.#tokens(),
      ...(this.#retries > 0 ? [plural(this.#retries, "retry", "retries")] : []),
      formatMilliseconds(performance.now() - this.#startedAtMs),
    ].join(" | ");
  }

  #noteRequest({ responseId, upstreamRequestId, usage }: InferenceSummary): void {
    this.#requests += 1;
    // Of one request both: that of another one would lead to other logs.
    this.#responseId = responseId;
    this.#upstreamRequestId = upstreamRequestId;
    this.#inputTokens += usage?.input_tokens ?? 0;
    this.#cachedTokens += usage?.cached_input_tokens ?? 0;
    this.#outputTokens += usage?.output_tokens ?? 0;
  }

  #tokens(): string {
    const cached = this.#cachedTokens > 0 ? ` (${this.#cachedTokens} cached)` : "";
    return `${this.#inputTokens} in${cached}, ${this.#outputTokens} out`;
  }
}

/** Words for the wait that begins with this event; `undefined`: the same as before. */
function doing(event: TurnEvent): string | undefined {
  return event.type === "itemStarted" ? DOING_ITEM[event.item.type] : DOING[event.type];
}

const DOING: { readonly [Type in TurnEvent["type"]]?: string } = {
  inferenceStarted: "waiting for the model",
  agentMessageDelta: "receiving the message",
  reasoningDelta: "reading its reasoning",
  streamRetry: "trying again",
  compactionStarted: "compacting the history",
};

const DOING_ITEM: { readonly [Type in TurnItem["type"]]?: string } = {
  command_execution: "running a command",
  file_change: "changing files",
  mcp_tool_call: "calling a tool",
  dynamic_tool_call: "calling a tool",
  collab_tool_call: "waiting for an agent",
};
