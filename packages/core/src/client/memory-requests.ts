import { MemoriesClient } from "@codex-ts/api";
import type { MemoriesResult, MemoryTrace } from "@codex-ts/api";
import { subagentHeaders } from "../metadata/subagent.ts";
import type { ModelTransport } from "./model-transport.ts";

/** How recorded sessions are summarized. */
export interface SummarizeMemoriesOptions {
  /** Default: none is sent. */
  readonly reasoningEffort?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** See `ModelClient.summarizeMemories`. */
export async function summarizeMemories(
  transport: ModelTransport,
  traces: readonly MemoryTrace[],
  { reasoningEffort: effort, signal }: SummarizeMemoriesOptions,
): Promise<MemoriesResult> {
  if (traces.length === 0) return { summaries: [], upstreamRequestId: undefined };
  const { model, sessionSource } = transport.options;
  const client = new MemoriesClient(transport.clientOptions(await transport.target()));
  return client.summarize(
    { model: model.slug, traces, ...(effort !== undefined && { reasoning: { effort } }) },
    { headers: subagentHeaders(sessionSource), observer: transport.observer(undefined), signal },
  );
}
