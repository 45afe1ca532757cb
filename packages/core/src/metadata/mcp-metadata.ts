import type { JsonObject } from "@codex-ts/protocol";
import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { CodexResponsesMetadata } from "./metadata-snapshot.ts";
import { TURN_METADATA_NAME, turnMetadataBlob } from "./projections.ts";

/** Facts about one call of a tool of an MCP server that the snapshot does not have. */
export interface McpCallFacts {
  readonly callId: string;
  /** Id of the item the call came as; `undefined` when it had none. */
  readonly itemId: string | undefined;
  readonly clientVersion: string;
}

/**
 * The `_meta` of a `tools/call` request: the turn's metadata as an object, without the members that
 * set the thread's requests apart, and in 0.171 with the call it is for. Source: docs/behavior/core-tools.md 5.
 */
export function mcpRequestMeta(
  metadata: CodexResponsesMetadata,
  { callId, itemId, clientVersion }: McpCallFacts,
): JsonObject {
  const { mcp } = compatibilityProfile(metadata.compatibility);
  const { threadId, sessionId, windowId, model, reasoningEffort } = metadata;
  const blob = JSON.parse(turnMetadataBlob(metadata)) as JsonObject;
  const said = Object.entries(blob).filter(([key]) => !mcp.withheldBlobKeys.includes(key));
  return {
    ...(mcp.namesCalls && { callId }),
    [TURN_METADATA_NAME]: {
      ...Object.fromEntries(said),
      ...(model !== undefined && { model }),
      ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
      ...(mcp.namesCalls && { codex_version: clientVersion }),
    },
    threadId,
    ...(mcp.namesCalls && { sessionId, windowId, ...(itemId !== undefined && { itemId }) }),
  };
}
