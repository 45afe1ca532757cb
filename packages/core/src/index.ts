// Every line here is public API: adding one needs a changeset.
export { createThread } from "./thread/thread.ts";
export { forkThread, resumeThread } from "./thread/resume-thread.ts";
export { archiveSession, unarchiveSession } from "./session/archive-session.ts";
export { listSessions } from "./session/list-sessions.ts";
export { messagePreview } from "./session/message-preview.ts";
export { readSession } from "./session/read-session.ts";
export { readSessionNames, setSessionName } from "./session/session-names.ts";
export { readProjectInstructions } from "./context/project-instructions.ts";
export { ExecPolicy } from "./exec-policy/exec-policy.ts";
export { readExecPolicy } from "./exec-policy/read-exec-policy.ts";
export { readSkills } from "./context/skills/read-skills.ts";
export {
  MAX_METADATA_HEADER_BYTES,
  compactRequestHeaders,
  compatibilityHeaders,
  flatClientMetadata,
  httpRequestHeaders,
  turnMetadataBlob,
  webSocketClientMetadata,
  webSocketHandshakeHeaders,
} from "./metadata/projections.ts";
export { compatibilityProfile } from "./compatibility/compatibility-profile.ts";
export { isReservedMetadataKey } from "./metadata/reserved-keys.ts";
export { createResponsesMetadata } from "./metadata/metadata-snapshot.ts";
export { subagentHeaders } from "./metadata/subagent.ts";
export { beginWorkspaceReading } from "./context/workspace/workspace-reading.ts";
export {
  RESPONSE_STREAM_CHANNEL_BYTES,
  RESPONSE_STREAM_CHANNEL_CAPACITY,
} from "./attempt/event-queue.ts";
export { mapResponseEvents } from "./attempt/stream-mapper.ts";
export { ModelClient } from "./client/model-client.ts";
export { CompactionError, CoreError, ThreadError } from "./errors.ts";
export { imageFileProblem } from "./images/image-file-problem.ts";
export { defineClientTool } from "./tools/dynamic/define-client-tool.ts";
export { defineTool } from "./tools/dynamic/define-tool.ts";
export { ToolError } from "./tools/tool.ts";
export { sandboxProblem } from "./tools/sandbox/sandbox-problem.ts";
export { reviewText } from "./review/review-output.ts";
export { describeReviewTarget } from "./review/review-target.ts";
export { shellJoin } from "./tools/exec/shell-quote.ts";
export { toRequestFailure } from "./attempt/request-failure.ts";

export type { CompatibilityProfile } from "./compatibility/compatibility-profile.ts";
export type {
  McpApprovalMode,
  McpHttpServer,
  McpServerOptions,
  McpServers,
  McpServerSettings,
  McpStdioServer,
} from "./tools/mcp/mcp-server-options.ts";
export type {
  McpElicitation,
  McpElicitationAnswer,
  OnMcpElicitation,
} from "./tools/mcp/elicitation.ts";
export { readMcpServers } from "./tools/mcp/read-mcp-servers.ts";
export { readMcpResource } from "./tools/mcp/read-mcp-resource.ts";
export type { McpResourceAddress, McpResourceReading } from "./tools/mcp/read-mcp-resource.ts";
export type { McpServerReading } from "./tools/mcp/read-mcp-servers.ts";
export { loginMcpServer, logoutMcpServer } from "./tools/mcp/oauth-login.ts";
export type { McpLoginOptions } from "./tools/mcp/oauth-login.ts";
export type { McpLoginKey } from "./tools/mcp/oauth-store.ts";
export type { McpServerStatus } from "./tools/mcp/mcp-server-status.ts";
export type {
  ApprovalDecision,
  ApprovalRequest,
  CommandApprovalRequest,
  McpToolApprovalRequest,
  OnApproval,
  PatchApprovalRequest,
} from "./approvals/approval-request.ts";
export type { SubagentOptions } from "./agents/subagent-options.ts";
export type {
  CompactedHistory,
  CompactionRequestOptions,
  CompactionResponse,
} from "./compaction/compaction-request.ts";
export type {
  ProjectInstructions,
  ReadProjectInstructionsOptions,
} from "./context/project-instructions.ts";
export type { FoundExecPolicy, ReadExecPolicyOptions } from "./exec-policy/read-exec-policy.ts";
export type { FoundSkills, ReadSkillsOptions } from "./context/skills/read-skills.ts";
export type { Skill } from "./context/skills/skill.ts";
export type { InferenceObserver } from "./attempt/inference-observer.ts";
export type { ObserveTransport, ObservedCall } from "./client/observe-transport.ts";
export type {
  AuthRecovery,
  SwitchCause,
  TransportListeners,
  TransportSwitch,
  TurnRetry,
} from "./client/transport-listeners.ts";
export type { SummarizeMemoriesOptions } from "./client/memory-requests.ts";
export type { ModelClientOptions, RequestIdentity } from "./client/model-client-options.ts";
export type { ModelClientSession, SwitchOptions } from "./client/model-session.ts";
export type { SamplingRequest } from "./client/sampling-request.ts";
export type { Prompt } from "./client/request-builder.ts";
export type { CoreErrorCode } from "./errors.ts";
export type { RequestFailure, RequestFailureCode } from "./attempt/request-failure.ts";
export type { HeaderList, RequestHeaderFacts } from "./metadata/projections.ts";
export type {
  CodexResponsesMetadata,
  CompactionDetails,
  CompactionImplementation,
  CompactionKind,
  HistoryInitialization,
  RequestKind,
  ResponsesMetadataInit,
  WorkspaceFacts,
} from "./metadata/metadata-snapshot.ts";
export type {
  BeginWorkspaceReadingOptions,
  WorkspaceReading,
} from "./context/workspace/workspace-reading.ts";
export type { StreamTerminal, TerminalRecorder } from "./attempt/attempt-end.ts";
export type {
  LastResponse,
  MapResponseEventsOptions,
  MappedResponseStream,
} from "./attempt/stream-mapper.ts";
export type {
  CodexThread,
  CompactOptions,
  InterruptOptions,
  ReviewOptions,
  RollBackOptions,
  ShellCommandOptions,
  SteerOptions,
  SteerResult,
  Submission,
  SubmitOptions,
  ThreadOptions,
  ThreadTraceOptions,
  TurnEnd,
  TurnInput,
  TurnMark,
  TurnOptions,
  TurnStream,
} from "./thread/thread-options.ts";
export type { KeptThreadOptions } from "./thread/resume-thread.ts";
export type { ArchiveSessionOptions } from "./session/archive-session.ts";
export type { ListSessionsOptions, SessionSummary } from "./session/list-sessions.ts";
export type { SessionNamesOptions } from "./session/session-names.ts";
export type {
  ReadSessionOptions,
  SessionContent,
  SessionContentLine,
} from "./session/read-session.ts";
export type { ApprovalPolicy, SandboxMode, UserInstructions } from "./policies.ts";
export type { ReviewFinding, ReviewOutput } from "./review/review-output.ts";
export type { AskUser, AskUserContext, UserQuestion, UserReplies } from "./tools/input/ask-user.ts";
export type { CollaborationMode } from "./turn/collaboration-mode.ts";
export type { ReviewTarget } from "./review/review-target.ts";
export type { CodeMode } from "./tools/code-mode/code-mode.ts";
export type { Tool, ToolNamespace } from "./tools/tool.ts";
export type { WebSearchMode, WebSearchOptions } from "./tools/hosted/web-search.ts";
export type { WorkspaceWriteOptions } from "./tools/sandbox/writable-roots.ts";
export type { CommandEnvironmentPolicy } from "./tools/exec/environment-policy.ts";
export type { ToolDefinition } from "./tools/dynamic/define-tool.ts";
export type { ToolContext } from "./tools/dynamic/tool-context.ts";
export type { ToolContent, ToolResult } from "./tools/dynamic/tool-content.ts";
export type {
  JsonSchema,
  ToolArguments,
  ToolParameters,
  ZodSchema,
} from "./tools/dynamic/tool-parameters.ts";
export type { InstalledCompaction, ThreadEvent, ThreadMsg } from "./events/thread-event.ts";
export type { RecordedContext } from "./events/recorded-context.ts";
export type {
  AgentEvent,
  AgentIdentity,
  AgentState,
  InferenceIdentity,
  InferenceSummary,
  TurnEvent,
  TurnFailure,
  TurnItem,
} from "./events/turn-event.ts";
