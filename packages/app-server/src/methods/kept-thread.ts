import type { SessionSummary } from "@codex-ts/core";
import { readSessionNames } from "@codex-ts/core";
import type { TokenUsageInfo } from "@codex-ts/protocol";
import type { ThreadRequest } from "../app-server-options.ts";
import { noRollout } from "../connection/rpc-error.ts";
import type { KeptTurn } from "../history/session-turns.ts";
import type { ThreadOverrides } from "../params/method-params.ts";
import type { ClientSession } from "../threads/session.ts";
import type { KnownFacts } from "../threads/start-thread.ts";
import { toTokenUsage } from "../wire/status.ts";

/** The wishes of the client for a thread. */
export function threadRequest(params: ThreadOverrides): Omit<ThreadRequest, "client"> {
  const { sandbox: sandboxMode, cwd, model, modelProvider, approvalPolicy, config } = params;
  const { baseInstructions, developerInstructions, serviceTier } = params;
  return {
    cwd,
    sandboxMode,
    model,
    modelProvider,
    approvalPolicy,
    config,
    baseInstructions,
    developerInstructions,
    serviceTier,
  };
}

/** Notifies a client that goes on with a thread of how full its context is. */
export function announceUsage(
  session: ClientSession,
  threadId: string,
  kept: { readonly usage: TokenUsageInfo | null | undefined; readonly turns: readonly KeptTurn[] },
): void {
  const { usage } = kept;
  const turnId = kept.turns.at(-1)?.id;
  if (usage === undefined || usage === null || turnId === undefined) return;
  const tokenUsage = toTokenUsage(session.generation, usage);
  session.notify({ method: "thread/tokenUsage/updated", params: { threadId, turnId, tokenUsage } });
}

/** Throws `RpcError` for a session that is not there. */
export function required<Found>(found: Found | undefined, threadId: string): Found {
  if (found !== undefined) return found;
  throw noRollout(threadId);
}

export async function knownFacts(
  session: ClientSession,
  threadId: string,
  summary: SessionSummary | undefined,
): Promise<KnownFacts> {
  const { codexHome } = session.options;
  const names = await readSessionNames({ codexHome });
  return {
    createdAtMs: summary?.createdAtMs,
    updatedAtMs: summary?.updatedAtMs,
    forkedFromId: summary?.forkedFromThreadId ?? null,
    preview: summary?.firstMessage,
    name: names.get(threadId.toLowerCase()) ?? null,
  };
}
