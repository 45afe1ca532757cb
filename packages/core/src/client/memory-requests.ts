import { MemoriesClient } from "@codex-ts/api";
import type { MemorySummary, MemoryTrace } from "@codex-ts/api";
import type { ModelClient } from "./model-client.ts";

/**
 * Summarises recorded sessions: one summary per trace, in order. No traces need no request and no credentials. Rejects
 * with the error of the request. Source: core spec 1.11.
 */
export async function summarizeMemories(
  client: ModelClient,
  traces: readonly MemoryTrace[],
  options: {
    /** Default: none is sent. */
    readonly reasoningEffort?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<readonly MemorySummary[]> {
  if (traces.length === 0) return [];
  const { provider, model } = client.options;
  const [apiProvider, auth] = await Promise.all([provider.apiProvider(), provider.apiAuth()]);
  const { reasoningEffort: effort, signal } = options;
  return new MemoriesClient({ ...client.transport, provider: apiProvider, auth }).summarize(
    { model: model.slug, traces, ...(effort !== undefined && { reasoning: { effort } }) },
    { headers: client.subagentHeaders(), observer: client.observerOf(undefined), signal },
  );
}
