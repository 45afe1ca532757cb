import { parentThreadId, subagentHeaderValue, subagentKind } from "@codex-ts/protocol";
import type { Compatibility, SessionSource, WindowId } from "@codex-ts/protocol";
import { DEFAULT_COMPATIBILITY } from "../compatibility/compatibility-profile.ts";
import type { SandboxMode } from "../policies.ts";
import { filterExtras } from "./reserved-keys.ts";

/** Purpose of a request. `undefined` in a snapshot: a connection without a request, or metadata of a tool call. */
export type RequestKind = { readonly type: "turn" | "prewarm" | "memory" } | CompactionKind;

/** How a compaction is made: `responses` locally, `responses_compact` by remote v1, `responses_compaction_v2` by v2. */
export type CompactionImplementation =
  | "responses"
  | "responses_compact"
  | "responses_compaction_v2";

/** The kind of a compaction that is made in one of these ways. */
export interface CompactionKind<
  Implementation extends CompactionImplementation = CompactionImplementation,
> {
  readonly type: "compaction";
  readonly details: CompactionDetails<Implementation>;
}

/** `compaction` of the blob. Values seen: docs/behavior/core.md 2.3. */
export interface CompactionDetails<
  Implementation extends CompactionImplementation = CompactionImplementation,
> {
  readonly trigger: "auto" | "manual";
  readonly reason: "user_requested" | "context_limit" | "model_downshift" | "comp_hash_changed";
  readonly implementation: Implementation;
  readonly phase: "standalone_turn" | "pre_turn" | "mid_turn";
  readonly strategy: "memento";
}

/** Facts about one repository, keyed in a snapshot by its root directory. Absent facts are left out. */
export interface WorkspaceFacts {
  /** Name of a remote to its URL, without credentials. */
  readonly associatedRemoteUrls?: readonly (readonly [name: string, url: string])[] | undefined;
  readonly latestGitCommitHash?: string | undefined;
  readonly hasChanges?: boolean | undefined;
}

/**
 * Every Codex-owned identity of one request, fixed when the request is dispatched.
 *
 * Headers, flat `client_metadata`, the `x-codex-turn-metadata` blob, the WebSocket handshake and payload and the
 * compaction requests are pure projections of it; nothing else writes those keys.
 */
export interface CodexResponsesMetadata<
  Kind extends RequestKind | undefined = RequestKind | undefined,
> {
  /** Whose projections are made of it. */
  readonly compatibility: Compatibility;
  readonly installationId: string | undefined;
  /** Id of the root thread. */
  readonly sessionId: string;
  readonly threadId: string;
  /** `""` for a start-up prewarm, `undefined` for memory requests and a connection without a request. */
  readonly turnId: string | undefined;
  readonly windowId: WindowId;
  /** UUIDv7 of the context window: another one after each compaction. */
  readonly contextWindowId: string | undefined;
  readonly requestKind: Kind;
  /** Path of the agent that asks, `/root` for the root thread. */
  readonly agentName: string | undefined;
  readonly historyInitialization: HistoryInitialization | undefined;
  /** Turn of the root thread that caused this one; the turn itself for a root thread. */
  readonly rootTurnId: string | undefined;
  /** Turn of the parent thread that caused this one. */
  readonly parentTurnId: string | undefined;
  /** The cause of the turn, e.g. `exec`. */
  readonly turnTrigger: string | undefined;
  readonly forkedFromThreadId: string | undefined;
  /** Number of the line of that thread's file behind which the two differ. */
  readonly forkedFromOrdinal: number | undefined;
  readonly parentThreadId: string | undefined;
  readonly subagentHeader: string | undefined;
  readonly subagentKind: string | undefined;
  readonly threadSource: string | undefined;
  readonly sandbox: string | undefined;
  readonly sandboxMode: SandboxMode | undefined;
  readonly autoReviewEnabled: boolean | undefined;
  readonly nodeReplAutoReviewRequired: boolean | undefined;
  readonly nodeReplDisabled: boolean | undefined;
  readonly analyticsEnabled: boolean | undefined;
  /** Of turns and prewarms: slug of the model, and the effort asked of it. */
  readonly model: string | undefined;
  readonly reasoningEffort: string | undefined;
  /** Repository root to facts. */
  readonly workspaces: readonly (readonly [root: string, facts: WorkspaceFacts])[];
  readonly turnStartedAtUnixMs: number | undefined;
  /** Extras of the client, sorted by key, without reserved keys. They appear in the blob only. */
  readonly extra: readonly (readonly [key: string, value: string])[];
}

/** How a thread came to its history. */
export type HistoryInitialization = "new" | "cold_resume" | "cold_fork" | "warm_fork";

/** Facts a snapshot is made from. Members left out are absent in every projection. */
export interface ResponsesMetadataInit {
  /** Default `0.171`. */
  readonly compatibility?: Compatibility | undefined;
  readonly installationId?: string | undefined;
  /** Default: `threadId`, as for a root thread. */
  readonly sessionId?: string | undefined;
  readonly threadId: string;
  readonly turnId?: string | undefined;
  /** Default: `<threadId>:0`. */
  readonly windowId?: WindowId | undefined;
  readonly contextWindowId?: string | undefined;
  /** Default: the path a spawned thread's source names, else `/root`. */
  readonly agentName?: string | undefined;
  readonly historyInitialization?: HistoryInitialization | undefined;
  /** Default: `turnId`, as for a root thread. */
  readonly rootTurnId?: string | undefined;
  readonly parentTurnId?: string | undefined;
  readonly turnTrigger?: string | undefined;
  readonly sandboxMode?: SandboxMode | undefined;
  readonly autoReviewEnabled?: boolean | undefined;
  readonly nodeReplAutoReviewRequired?: boolean | undefined;
  readonly nodeReplDisabled?: boolean | undefined;
  readonly analyticsEnabled?: boolean | undefined;
  readonly model?: string | undefined;
  readonly reasoningEffort?: string | undefined;
  readonly requestKind?: RequestKind | undefined;
  readonly forkedFromThreadId?: string | undefined;
  readonly forkedFromOrdinal?: number | undefined;
  /** Default: the parent a spawned thread's source names. */
  readonly parentThreadId?: string | undefined;
  /** Source of the subagent label and kind. Default: no subagent. */
  readonly sessionSource?: SessionSource | undefined;
  readonly threadSource?: string | undefined;
  readonly sandbox?: string | undefined;
  readonly workspaces?: readonly (readonly [root: string, facts: WorkspaceFacts])[] | undefined;
  readonly turnStartedAtUnixMs?: number | undefined;
  /** Filtered here: reserved keys never get in. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
}

/** Makes the snapshot of one request. It is frozen; the same snapshot renders the same bytes forever. */
export function createResponsesMetadata<Kind extends RequestKind | undefined = undefined>(
  init: ResponsesMetadataInit & { readonly requestKind?: Kind },
): CodexResponsesMetadata<NoInfer<Kind>> {
  const source = init.sessionSource ?? "unknown";
  return Object.freeze({
    compatibility: init.compatibility ?? DEFAULT_COMPATIBILITY,
    installationId: init.installationId,
    sessionId: init.sessionId ?? init.threadId,
    threadId: init.threadId,
    turnId: init.turnId,
    windowId: init.windowId ?? `${init.threadId}:0`,
    contextWindowId: init.contextWindowId,
    requestKind: frozenKind(init.requestKind) as Kind,
    agentName: init.agentName ?? agentPath(source),
    historyInitialization: init.historyInitialization,
    // A prewarm has an empty turn id, and no turn that caused it.
    rootTurnId: init.rootTurnId ?? (init.turnId || undefined),
    parentTurnId: init.parentTurnId,
    turnTrigger: init.turnTrigger,
    forkedFromThreadId: init.forkedFromThreadId,
    forkedFromOrdinal: init.forkedFromOrdinal,
    parentThreadId: init.parentThreadId ?? parentThreadId(source),
    subagentHeader: subagentHeaderValue(source),
    subagentKind: subagentKind(source),
    threadSource: init.threadSource,
    sandbox: init.sandbox,
    sandboxMode: init.sandboxMode,
    autoReviewEnabled: init.autoReviewEnabled,
    nodeReplAutoReviewRequired: init.nodeReplAutoReviewRequired,
    nodeReplDisabled: init.nodeReplDisabled,
    analyticsEnabled: init.analyticsEnabled,
    model: init.model,
    reasoningEffort: init.reasoningEffort,
    workspaces: Object.freeze((init.workspaces ?? []).map(frozenWorkspace)),
    turnStartedAtUnixMs: init.turnStartedAtUnixMs,
    extra: Object.freeze(filterExtras(init.extra).map((pair) => Object.freeze(pair))),
  });
}

function agentPath(source: SessionSource): string {
  const subagent = typeof source === "object" && "subagent" in source ? source.subagent : undefined;
  const spawned = typeof subagent === "object" && "thread_spawn" in subagent;
  return (spawned ? subagent.thread_spawn.agent_path : undefined) ?? "/root";
}

function frozenWorkspace([root, facts]: CodexResponsesMetadata["workspaces"][number]): readonly [
  root: string,
  facts: WorkspaceFacts,
] {
  const urls = facts.associatedRemoteUrls?.map(([name, url]) =>
    Object.freeze([name, url] as const),
  );
  return Object.freeze([
    root,
    Object.freeze({ ...facts, associatedRemoteUrls: urls && Object.freeze(urls) }),
  ] as const);
}

function frozenKind(kind: RequestKind | undefined): RequestKind | undefined {
  if (kind?.type !== "compaction") return kind && Object.freeze({ ...kind });
  return Object.freeze({ type: kind.type, details: Object.freeze({ ...kind.details }) });
}
