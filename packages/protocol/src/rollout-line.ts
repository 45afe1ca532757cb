import type { EventMsg } from "./events/event-msg.ts";
import { eventMsgCodec } from "./events/event-msg.ts";
import type { Codec } from "./internal/codec.ts";
import { anyJson, boolean, listOf, openText, text } from "./internal/codec.ts";
import { nullable, objectOf, optional, required, withDefault } from "./internal/object-codec.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { isJsonObject } from "./json.ts";
import type { AskForApproval, BaseInstructions, SandboxPolicy } from "./policies.ts";
import { askForApprovalCodec, sandboxPolicyCodec } from "./policies.ts";
import type { Personality, ReasoningEffort, ReasoningSummary } from "./reasoning.ts";
import { personalityCodec, reasoningEffortCodec, reasoningSummaryCodec } from "./reasoning.ts";
import type { ResponseItem } from "./response-item.ts";
import { storedItemCodec } from "./response-item-wire.ts";
import type { MultiAgentVersion, SessionSource, ThreadSource } from "./session-source.ts";
import { multiAgentVersionCodec, sessionSourceCodec } from "./session-source.ts";

/** First line of a session file: what the thread is. */
export interface SessionMeta {
  readonly id: string;
  readonly forked_from_id?: string;
  readonly parent_thread_id?: string;
  /** ISO 8601 with milliseconds and `Z`. */
  readonly timestamp: string;
  readonly cwd: string;
  readonly originator: string;
  readonly cli_version: string;
  readonly source: SessionSource;
  readonly thread_source?: ThreadSource;
  readonly agent_nickname?: string;
  readonly agent_role?: string;
  readonly agent_path?: string;
  readonly model_provider: string | null;
  readonly base_instructions: BaseInstructions | null;
  readonly dynamic_tools?: readonly JsonValue[];
  readonly memory_mode?: string;
  readonly multi_agent_version?: MultiAgentVersion;
  /** Commit, branch and remote of the working directory, where there are any. */
  readonly git?: JsonValue;
}

/** Settings a turn ran with; written once per turn. */
export interface TurnContext {
  readonly turn_id?: string;
  readonly cwd: string;
  readonly workspace_roots?: readonly string[];
  readonly current_date?: string;
  readonly timezone?: string;
  readonly approval_policy: AskForApproval;
  readonly sandbox_policy: SandboxPolicy;
  readonly permission_profile?: JsonValue;
  readonly network?: JsonValue;
  readonly file_system_sandbox_policy?: JsonValue;
  readonly model: string;
  readonly personality?: Personality;
  readonly collaboration_mode?: JsonValue;
  readonly multi_agent_version?: MultiAgentVersion;
  readonly realtime_active?: boolean;
  readonly effort?: ReasoningEffort;
  readonly summary: ReasoningSummary;
}

/** History was replaced by a shorter one. */
export interface CompactedEntry {
  /** The summary of a local compaction, `""` of a remote one. */
  readonly message: string;
  readonly replacement_history?: readonly ResponseItem[];
}

/** Content of one line of a session file. */
export type RolloutEntry =
  | { readonly type: "session_meta"; readonly payload: SessionMeta }
  | { readonly type: "response_item"; readonly payload: ResponseItem }
  | { readonly type: "compacted"; readonly payload: CompactedEntry }
  | { readonly type: "turn_context"; readonly payload: TurnContext }
  | { readonly type: "event_msg"; readonly payload: EventMsg }
  /** A kind this package does not know: the line as received. */
  | { readonly type: "other"; readonly payload: JsonObject };

/** One line of a session file. */
export type RolloutLine = RolloutEntry & {
  /** ISO 8601 with milliseconds and `Z`. */
  readonly timestamp: string;
};

const sessionMetaCodec: Codec<SessionMeta> = objectOf<SessionMeta>({
  id: required(text),
  forked_from_id: optional(text),
  parent_thread_id: optional(text),
  timestamp: required(text),
  cwd: required(text),
  originator: required(text),
  cli_version: required(text),
  source: withDefault<SessionSource & JsonValue>(sessionSourceCodec as never, "vscode"),
  thread_source: optional(openText<ThreadSource>()),
  agent_nickname: optional(text),
  agent_role: optional(text),
  agent_path: optional(text),
  model_provider: nullable(text),
  base_instructions: nullable(objectOf<BaseInstructions>({ text: required(text) })),
  dynamic_tools: optional(listOf(anyJson)),
  memory_mode: optional(text),
  multi_agent_version: optional(multiAgentVersionCodec),
  git: optional(anyJson),
});

const turnContextCodec: Codec<TurnContext> = objectOf<TurnContext>({
  turn_id: optional(text),
  cwd: required(text),
  workspace_roots: optional(listOf(text)),
  current_date: optional(text),
  timezone: optional(text),
  approval_policy: required(askForApprovalCodec),
  sandbox_policy: required(sandboxPolicyCodec),
  permission_profile: optional(anyJson),
  network: optional(anyJson),
  file_system_sandbox_policy: optional(anyJson),
  model: required(text),
  personality: optional(personalityCodec),
  collaboration_mode: optional(anyJson),
  multi_agent_version: optional(multiAgentVersionCodec),
  realtime_active: optional(boolean),
  effort: optional(reasoningEffortCodec),
  summary: withDefault<ReasoningSummary>(reasoningSummaryCodec, "auto"),
});

const payloadCodecs = new Map<unknown, Codec<unknown>>(
  Object.entries({
    session_meta: sessionMetaCodec,
    response_item: storedItemCodec,
    compacted: objectOf<CompactedEntry>({
      message: required(text),
      replacement_history: optional(listOf(storedItemCodec)),
    }),
    turn_context: turnContextCodec,
    event_msg: eventMsgCodec,
  }) as [string, Codec<unknown>][],
);

/**
 * Reads one parsed line of a session file. A kind this package does not know becomes `other` with the whole line as
 * payload; `undefined` when the line or its payload does not fit: skip it.
 */
export function readRolloutLine(value: unknown): RolloutLine | undefined {
  if (!isJsonObject(value)) return undefined;
  const { timestamp, type } = value;
  if (typeof timestamp !== "string" || typeof type !== "string") return undefined;
  const codec = payloadCodecs.get(type);
  if (codec === undefined) return { timestamp, type: "other", payload: value };
  const payload = codec.read(value["payload"]);
  return payload === undefined ? undefined : ({ timestamp, type, payload } as RolloutLine);
}

/** The line as JSON: known members in wire order (0.140); a line of another kind as it was received. */
export function toWireRolloutLine(line: RolloutLine): JsonObject {
  if (line.type === "other") return line.payload;
  const payload = payloadCodecs.get(line.type)?.write(line.payload) ?? null;
  return { timestamp: line.timestamp, type: line.type, payload };
}
