import { DEFAULT_REQUEST_FORMAT } from "@codex-ts/api";
import type { CompatibilityProfile } from "./compatibility-profile.ts";

/**
 * Codex 0.140. `thread_source` is a decision of this project: 0.140 lacks it, versions before and after have it.
 * Source: docs/behavior/core.md 1.4, 2.3; recorded requests.
 */
export const PROFILE_0_140: CompatibilityProfile = {
  errorPolicy: "0.140",
  traceSchemaVersion: 1,
  requestFormat: DEFAULT_REQUEST_FORMAT,
  instructions: "member",
  laterItemMembers: false,
  identifiesItems: false,
  itemMetadataProvider: undefined,
  promptCacheKey: "thread",
  developerSections: ["permissions", "developer"],
  commands: {
    warnsOfCutOutput: false,
    cutIsCountedIn: "tokens",
    countsTokensOf: "text",
    failedStart: "is_named",
    givenShell: "as_given",
    environment: {},
    knowsItsCall: false,
  },
  patchRules: "0.140",
  tellsOfContentFilter: false,
  blobKeys: [
    "installation_id",
    "session_id",
    "thread_id",
    "turn_id",
    "window_id",
    "request_kind",
    "forked_from_thread_id",
    "parent_thread_id",
    "subagent_kind",
    "thread_source",
    "sandbox",
    "workspaces",
    "turn_started_at_unix_ms",
    "compaction",
  ],
  blobKeysAmongExtras: [],
  flatKeys: [
    "session_id",
    "thread_id",
    "x-codex-window-id",
    "x-codex-installation-id",
    "turn_id",
    "x-openai-subagent",
    "x-codex-parent-thread-id",
    "x-codex-turn-metadata",
  ],
};
