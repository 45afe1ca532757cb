import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { BlobKey, FlatKey } from "../compatibility/compatibility-profile.ts";
import { asciiJson } from "./ascii-json.ts";
import type { AsciiJsonObject, AsciiJsonValue } from "./ascii-json.ts";
import type {
  CodexResponsesMetadata,
  CompactionDetails,
  WorkspaceFacts,
} from "./metadata-snapshot.ts";

/** Headers in the order they are written. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Header and `client_metadata` member that hold the blob. Nobody else may set either. */
export const TURN_METADATA_NAME = "x-codex-turn-metadata";

/**
 * Longest blob that is also sent as a header, in bytes. A longer one travels in `client_metadata` alone, because servers
 * refuse long headers. Own choice; Codex has no limit.
 */
export const MAX_METADATA_HEADER_BYTES = 8192;

/**
 * The JSON text of `x-codex-turn-metadata`: fixed key order, ASCII only, absent members left out. Which members there are
 * is for the profile to say.
 */
export function turnMetadataBlob(metadata: CodexResponsesMetadata): string {
  const { blobKeys, blobKeysAmongExtras } = compatibilityProfile(metadata.compatibility);
  const members = blobMembers(metadata);
  const among = blobKeysAmongExtras.map((key) => [key, members[key]] as const);
  const owned = new Set<string>([...blobKeys, ...blobKeysAmongExtras]);
  const extra = metadata.extra.filter(([key]) => !owned.has(key));
  return asciiJson([
    ...blobKeys.map((key) => [key, members[key]] as const),
    ...[...among, ...extra].toSorted(([left], [right]) =>
      left < right ? -1 : left > right ? 1 : 0,
    ),
  ]);
}

/**
 * Every member that has a value. Keys that identify the sender stay out of memory requests; without a request kind
 * (preconnect, tool metadata) the members that locate the request within the thread stay out as well.
 */
function blobMembers(
  metadata: CodexResponsesMetadata,
): Readonly<Record<BlobKey, AsciiJsonValue | undefined>> {
  const kind = metadata.requestKind;
  const named = kind?.type === "memory" ? undefined : metadata;
  const placed = kind === undefined ? undefined : named;
  const asked = kind?.type === "compaction" ? undefined : placed;
  return {
    installation_id: placed?.installationId,
    session_id: named?.sessionId,
    thread_id: named?.threadId,
    agent_name: named?.agentName,
    turn_id: named?.turnId,
    window_id: placed?.windowId,
    window_number: placed && windowNumber(placed),
    context_window_id: placed?.contextWindowId,
    request_kind: kind?.type,
    history_initialization: placed?.historyInitialization,
    forked_from_thread_id: metadata.forkedFromThreadId,
    forked_from_ordinal_exclusive: metadata.forkedFromOrdinal,
    parent_thread_id: metadata.parentThreadId,
    parent_turn_id: named?.parentTurnId,
    root_turn_id: named?.rootTurnId,
    subagent_kind: metadata.subagentKind,
    thread_source: metadata.threadSource,
    turn_trigger: named?.turnTrigger,
    sandbox: metadata.sandbox,
    sandbox_mode: metadata.sandboxMode,
    auto_review_enabled: metadata.autoReviewEnabled,
    node_repl_auto_review_required: metadata.nodeReplAutoReviewRequired,
    node_repl_disabled: metadata.nodeReplDisabled,
    workspaces: workspacesObject(metadata),
    turn_started_at_unix_ms: metadata.turnStartedAtUnixMs,
    analytics_enabled: metadata.analyticsEnabled,
    compaction: kind?.type === "compaction" ? compactionObject(kind.details) : undefined,
    model: asked?.model,
    reasoning_effort: asked?.reasoningEffort,
  };
}

/** The count at the end of a window id. */
function windowNumber({ windowId }: CodexResponsesMetadata): number {
  return Number(windowId.slice(windowId.lastIndexOf(":") + 1));
}

/** Flat `client_metadata` of an HTTP body. Values are strings; extras never appear here. */
export function flatClientMetadata(
  metadata: CodexResponsesMetadata,
): Readonly<Record<string, string>> {
  const named = metadata.requestKind?.type === "memory" ? undefined : metadata;
  const members: Readonly<Record<FlatKey, string | undefined>> = {
    session_id: named?.sessionId,
    thread_id: named?.threadId,
    "x-codex-window-id": named?.windowId,
    "x-codex-installation-id": named?.installationId,
    turn_id: named?.turnId,
    root_turn_id: named?.rootTurnId,
    parent_turn_id: named?.parentTurnId,
    "x-openai-subagent": metadata.subagentHeader,
    "x-codex-parent-thread-id": metadata.parentThreadId,
    [TURN_METADATA_NAME]:
      metadata.requestKind === undefined ? undefined : turnMetadataBlob(metadata),
  };
  const { flatKeys } = compatibilityProfile(metadata.compatibility);
  return Object.fromEntries(present(flatKeys.map((key) => [key, members[key]] as const)));
}

/** Direct headers that old gateways read: window, blob (with a request kind only), parent, subagent label. */
export function compatibilityHeaders(
  metadata: CodexResponsesMetadata,
  maxMetadataHeaderBytes: number = MAX_METADATA_HEADER_BYTES,
): HeaderList {
  const memory = metadata.requestKind?.type === "memory";
  return present([
    ["x-codex-window-id", memory ? undefined : metadata.windowId],
    [TURN_METADATA_NAME, blobHeader(metadata, maxMetadataHeaderBytes)],
    ["x-codex-parent-thread-id", metadata.parentThreadId],
    ["x-openai-subagent", metadata.subagentHeader],
  ]);
}

/** `x-client-request-id`, `session-id` and `thread-id`. The first is the thread id again, not an id per request. */
function threadHeaders(metadata: CodexResponsesMetadata): HeaderList {
  if (metadata.requestKind?.type === "memory") return [];
  return [
    ["x-client-request-id", metadata.threadId],
    ["session-id", metadata.sessionId],
    ["thread-id", metadata.threadId],
  ];
}

/** Facts a client adds to a request besides the snapshot. */
export interface RequestHeaderFacts {
  /** Names of `x-codex-beta-features`; no header when empty. */
  readonly betaFeatures?: readonly string[] | undefined;
  /** `x-codex-turn-state`, once a server has sent one in this turn. */
  readonly turnState?: string | undefined;
  /** `x-codex-inference-call-id` of a traced attempt. HTTP only. */
  readonly inferenceCallId?: string | undefined;
  readonly responsesLite?: boolean | undefined;
  /** Asks for timing events. WebSocket only. */
  readonly includeTimingMetrics?: boolean | undefined;
  readonly maxMetadataHeaderBytes?: number | undefined;
}

/** Headers of `POST /responses` in the order seen (0.140), from beta features to the thread id. */
export function httpRequestHeaders(
  metadata: CodexResponsesMetadata,
  facts: RequestHeaderFacts = {},
): HeaderList {
  return present([
    ["x-codex-beta-features", betaFeaturesValue(facts)],
    ["x-codex-turn-state", facts.turnState],
    ...compatibilityHeaders(metadata, facts.maxMetadataHeaderBytes),
    ["x-openai-internal-codex-responses-lite", facts.responsesLite ? "true" : undefined],
    ["x-codex-inference-call-id", facts.inferenceCallId],
    ...threadHeaders(metadata),
  ]);
}

/** Headers of the WebSocket upgrade. Without a request kind they name window, parent and subagent only. */
export function webSocketHandshakeHeaders(
  metadata: CodexResponsesMetadata,
  facts: RequestHeaderFacts = {},
): HeaderList {
  return present([
    ["openai-beta", "responses_websockets=2026-02-06"],
    ["x-codex-beta-features", betaFeaturesValue(facts)],
    ["x-codex-turn-state", facts.turnState],
    ...threadHeaders(metadata),
    ...compatibilityHeaders(metadata, facts.maxMetadataHeaderBytes),
    ["x-responsesapi-include-timing-metrics", facts.includeTimingMetrics ? "true" : undefined],
  ]);
}

/** `client_metadata` of a `response.create` frame: the flat projection plus what cannot be a header there. */
export function webSocketClientMetadata(
  metadata: CodexResponsesMetadata,
  facts: {
    readonly startUnixMs: number;
    readonly responsesLite?: boolean | undefined;
    /** `traceparent` and `tracestate` of an active span. */
    readonly traceContext?: HeaderList | undefined;
  },
): Readonly<Record<string, string>> {
  return {
    ...flatClientMetadata(metadata),
    ...Object.fromEntries(
      (facts.traceContext ?? []).map(([name, value]) => [`ws_request_header_${name}`, value]),
    ),
    "x-codex-ws-stream-request-start-ms": String(facts.startUnixMs),
    ...(facts.responsesLite
      ? { ws_request_header_x_openai_internal_codex_responses_lite: "true" }
      : {}),
  };
}

/** Headers of `POST /responses/compact` (remote compaction v1), whose body has no `client_metadata`. */
export function compactRequestHeaders(
  metadata: CodexResponsesMetadata,
  facts: RequestHeaderFacts = {},
): HeaderList {
  return present([
    ["x-codex-installation-id", metadata.installationId],
    ["x-codex-beta-features", betaFeaturesValue(facts)],
    ...compatibilityHeaders(metadata, facts.maxMetadataHeaderBytes),
    ["session-id", metadata.sessionId],
    ["thread-id", metadata.threadId],
  ]);
}

function blobHeader(metadata: CodexResponsesMetadata, maxBytes: number): string | undefined {
  if (metadata.requestKind === undefined) return undefined;
  const blob = turnMetadataBlob(metadata);
  return blob.length <= maxBytes ? blob : undefined;
}

function betaFeaturesValue(facts: RequestHeaderFacts): string | undefined {
  return facts.betaFeatures?.length ? facts.betaFeatures.join(",") : undefined;
}

function present(headers: readonly (readonly [string, string | undefined])[]): HeaderList {
  return headers.filter((header): header is readonly [string, string] => header[1] !== undefined);
}

function workspacesObject(metadata: CodexResponsesMetadata): AsciiJsonObject | undefined {
  if (metadata.workspaces.length === 0) return undefined;
  return metadata.workspaces.map(([root, facts]) => [root, workspaceObject(facts)]);
}

function workspaceObject(facts: WorkspaceFacts): AsciiJsonObject {
  return [
    ["associated_remote_urls", facts.associatedRemoteUrls],
    ["latest_git_commit_hash", facts.latestGitCommitHash],
    ["has_changes", facts.hasChanges],
  ];
}

function compactionObject(details: CompactionDetails): AsciiJsonObject {
  return [
    ["trigger", details.trigger],
    ["reason", details.reason],
    ["implementation", details.implementation],
    ["phase", details.phase],
    ["strategy", details.strategy],
  ];
}
