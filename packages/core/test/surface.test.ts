import { expect, test } from "vitest";
import * as core from "@codex-ts/core";

test("exports exactly these values; a new one needs a changeset", () => {
  expect(Object.keys(core).toSorted()).toEqual([
    "CompactionError",
    "CoreError",
    "MAX_METADATA_HEADER_BYTES",
    "ModelClient",
    "RESPONSE_STREAM_CHANNEL_BYTES",
    "RESPONSE_STREAM_CHANNEL_CAPACITY",
    "STREAM_DROPPED_REASON",
    "ThreadError",
    "beginWorkspaceReading",
    "compactRequestHeaders",
    "compatibilityHeaders",
    "createResponsesMetadata",
    "createThread",
    "flatClientMetadata",
    "httpRequestHeaders",
    "isReservedMetadataKey",
    "mapResponseEvents",
    "readProjectInstructions",
    "subagentHeaders",
    "toRequestFailure",
    "turnMetadataBlob",
    "webSocketClientMetadata",
    "webSocketHandshakeHeaders",
  ]);
});
