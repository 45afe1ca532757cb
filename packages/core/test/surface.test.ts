import { expect, test } from "vitest";
import * as core from "@codex-ts/core";
import { INSTALLATION_ID, testModel, testProvider } from "./support/harness.ts";

test("exports exactly these values; a new one needs a changeset", () => {
  expect(Object.keys(core).toSorted()).toEqual([
    "CompactionError",
    "CoreError",
    "ExecPolicy",
    "MAX_METADATA_HEADER_BYTES",
    "ModelClient",
    "RESPONSE_STREAM_CHANNEL_BYTES",
    "RESPONSE_STREAM_CHANNEL_CAPACITY",
    "ThreadError",
    "ToolError",
    "archiveSession",
    "beginWorkspaceReading",
    "compactRequestHeaders",
    "compatibilityHeaders",
    "compatibilityProfile",
    "createResponsesMetadata",
    "createThread",
    "defineClientTool",
    "defineTool",
    "describeReviewTarget",
    "flatClientMetadata",
    "forkThread",
    "httpRequestHeaders",
    "imageFileProblem",
    "isReservedMetadataKey",
    "listSessions",
    "loginMcpServer",
    "logoutMcpServer",
    "mapResponseEvents",
    "messagePreview",
    "readExecPolicy",
    "readMcpResource",
    "readMcpServers",
    "readProjectInstructions",
    "readSession",
    "readSessionNames",
    "readSkills",
    "resumeThread",
    "reviewText",
    "sandboxProblem",
    "setSessionName",
    "shellJoin",
    "subagentHeaders",
    "toRequestFailure",
    "turnMetadataBlob",
    "unarchiveSession",
    "webSocketClientMetadata",
    "webSocketHandshakeHeaders",
  ]);
});

test("a model client and its sessions have exactly these members; a new one needs a changeset", () => {
  const client = new core.ModelClient({
    provider: testProvider("http://127.0.0.1:9"),
    model: testModel(),
    threadId: "01a1fa2c-14fd-7b60-8176-1542090ff366",
    installationId: INSTALLATION_ID,
    sessionSource: "exec",
  });
  const session = client.newSession();
  expect(membersOf(client)).toEqual([
    "advanceWindowGeneration",
    "close",
    "compactConversationHistory",
    "contextWindowId",
    "metadata",
    "newSession",
    "options",
    "setWindowGeneration",
    "summarizeMemories",
    "useWindow",
    "websocketsEnabled",
    "windowId",
    "windowNumber",
  ]);
  expect(membersOf(session)).toEqual([
    "close",
    "preconnectWebSocket",
    "prewarmWebSocket",
    "stream",
    "streamCompaction",
    "trySwitchFallbackTransport",
    "turnState",
  ]);
  session.close();
});

function membersOf(value: object): string[] {
  const inherited = Object.getOwnPropertyNames(Object.getPrototypeOf(value));
  return [...Object.keys(value), ...inherited].filter((name) => name !== "constructor").toSorted();
}
