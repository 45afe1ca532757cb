/**
 * Keys of the turn metadata that only the snapshot writes. One that a client sends is dropped on
 * entry. `thread_source` is ours to reserve, as in 0.169. Source: docs/behavior/core.md 2.9.
 */
const RESERVED_METADATA_KEYS: ReadonlySet<string> = new Set([
  "installation_id",
  "x-codex-installation-id",
  "session_id",
  "thread_id",
  "turn_id",
  "window_id",
  "x-codex-window-id",
  "x-codex-turn-metadata",
  "x-codex-parent-thread-id",
  "x-openai-subagent",
  "request_kind",
  "compaction",
  "turn_started_at_unix_ms",
  "forked_from_thread_id",
  "parent_thread_id",
  "subagent_kind",
  "thread_source",
  "sandbox",
  "workspaces",
  // Keys that 0.169 and later own. 0.140 lets a client set them; here they are reserved in both profiles.
  "agent_name",
  "window_number",
  "context_window_id",
  "history_initialization",
  "root_turn_id",
  "parent_turn_id",
  "turn_trigger",
  "sandbox_mode",
  "auto_review_enabled",
  "node_repl_auto_review_required",
  "node_repl_disabled",
  "analytics_enabled",
  "model",
  "reasoning_effort",
  "forked_from_ordinal_exclusive",
]);

/** True for a key of `clientMetadata` that is dropped because Codex owns it. */
export function isReservedMetadataKey(key: string): boolean {
  return RESERVED_METADATA_KEYS.has(key);
}

/** A client's extras without reserved keys, sorted by key. */
export function filterExtras(
  extras: Readonly<Record<string, string>> | undefined,
): readonly (readonly [key: string, value: string])[] {
  if (extras === undefined) return [];
  return Object.entries(extras)
    .filter(([key, value]) => typeof value === "string" && !isReservedMetadataKey(key))
    .toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}
