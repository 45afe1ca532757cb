import type { Codec } from "../internal/codec.ts";
import { anyJson, integer, listOf, oneOf, text } from "../internal/codec.ts";
import { nullable, objectOf, optional, required, withDefault } from "../internal/object-codec.ts";
import type { Variants } from "../internal/union-codec.ts";
import { taggedUnion } from "../internal/union-codec.ts";
import type { JsonValue } from "../json.ts";
import type { ReviewDecision } from "../policies.ts";
import { reviewDecisionCodec } from "../policies.ts";

/** Events about commands. */
export type ExecEventMsg =
  | ExecCommandBeginEvent
  | ExecCommandEndEvent
  | ExecCommandOutputDeltaEvent
  | TerminalInteractionEvent
  | ExecApprovalRequestEvent;

/** The action of a command, as far as its text shows. */
export type ParsedCommand =
  | { readonly type: "read"; readonly cmd: string; readonly name: string; readonly path: string }
  | { readonly type: "list_files"; readonly cmd: string; readonly path: string | null }
  | {
      readonly type: "search";
      readonly cmd: string;
      readonly query: string | null;
      readonly path: string | null;
    }
  | { readonly type: "unknown"; readonly cmd: string };

/** Who started a command. */
export type ExecCommandSource =
  | "agent"
  | "user_shell"
  | "unified_exec_startup"
  | "unified_exec_interaction";

/** A span of time, as Codex writes it (observed in 0.132 to 0.169). */
export interface WireDuration {
  readonly secs: number;
  /** 0 to 999 999 999. */
  readonly nanos: number;
}

interface ExecCommandHead {
  readonly call_id: string;
  /** Id of the terminal, where it outlives the call. */
  readonly process_id?: string;
  readonly turn_id: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly parsed_cmd: readonly ParsedCommand[];
  readonly source: ExecCommandSource;
  readonly interaction_input?: string;
}

/** A command starts. */
export interface ExecCommandBeginEvent extends ExecCommandHead {
  readonly type: "exec_command_begin";
  /** Unix milliseconds; 0 where older payloads do not say. */
  readonly started_at_ms: number;
}

/** A command has ended. */
export interface ExecCommandEndEvent extends ExecCommandHead {
  readonly type: "exec_command_end";
  /** Unix milliseconds; 0 where older payloads do not say. */
  readonly completed_at_ms: number;
  /** `""` in 0.169, which has the aggregated output only. */
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams in order of arrival. */
  readonly aggregated_output: string;
  readonly exit_code: number;
  readonly duration: WireDuration;
  /** The output the model reads; `""` in 0.169. */
  readonly formatted_output: string;
  readonly status: "completed" | "failed" | "declined";
}

/** A command wrote something. */
export interface ExecCommandOutputDeltaEvent {
  readonly type: "exec_command_output_delta";
  readonly call_id: string;
  readonly stream: "stdout" | "stderr";
  /** Base64 of the raw bytes, which need not be UTF-8; see `decodeOutputChunk`. */
  readonly chunk: string;
}

/** Something was typed into a terminal. */
export interface TerminalInteractionEvent {
  readonly type: "terminal_interaction";
  readonly call_id: string;
  readonly process_id: string;
  readonly stdin: string;
}

/** A command waits for a decision. */
export interface ExecApprovalRequestEvent {
  readonly type: "exec_approval_request";
  readonly call_id: string;
  readonly approval_id?: string;
  readonly turn_id: string;
  /** Unix milliseconds; 0 where older payloads do not say. */
  readonly started_at_ms: number;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly reason?: string;
  readonly network_approval_context?: JsonValue;
  readonly proposed_execpolicy_amendment?: JsonValue;
  readonly proposed_network_policy_amendments?: readonly JsonValue[];
  readonly additional_permissions?: JsonValue;
  readonly available_decisions?: readonly ReviewDecision[];
  readonly parsed_cmd: readonly ParsedCommand[];
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const base64: Codec<string> = {
  read: (value) => (typeof value === "string" && BASE64.test(value) ? value : undefined),
  write: (value) => value,
};

/** Bytes of a command's output as an output delta carries them. */
export function encodeOutputChunk(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCodePoint(byte);
  return btoa(binary);
}

/** The bytes an output delta carries. Throws for a text that is not base64, which reading an event rules out. */
export function decodeOutputChunk(chunk: string): Uint8Array {
  return Uint8Array.from(atob(chunk), (character) => character.codePointAt(0) ?? 0);
}

export const durationCodec: Codec<WireDuration> = objectOf<WireDuration>({
  secs: required(integer),
  nanos: required(integer),
});

const parsedCommands: Codec<readonly ParsedCommand[]> = listOf(
  taggedUnion<ParsedCommand>({
    read: { cmd: required(text), name: required(text), path: required(text) },
    list_files: { cmd: required(text), path: nullable(text) },
    search: { cmd: required(text), query: nullable(text), path: nullable(text) },
    unknown: { cmd: required(text) },
  }),
);

const tail = {
  command: required(listOf(text)),
  cwd: required(text),
  parsed_cmd: withDefault<readonly ParsedCommand[]>(parsedCommands, []),
  source: withDefault<ExecCommandSource>(
    oneOf(["agent", "user_shell", "unified_exec_startup", "unified_exec_interaction"]),
    "agent",
  ),
  interaction_input: optional(text),
};

export const execEventVariants: Variants<ExecEventMsg> = {
  exec_command_begin: {
    call_id: required(text),
    process_id: optional(text),
    turn_id: required(text),
    started_at_ms: withDefault(integer, 0),
    ...tail,
  },
  exec_command_end: {
    call_id: required(text),
    process_id: optional(text),
    turn_id: required(text),
    completed_at_ms: withDefault(integer, 0),
    ...tail,
    stdout: withDefault(text, ""),
    stderr: withDefault(text, ""),
    aggregated_output: withDefault(text, ""),
    exit_code: required(integer),
    duration: required(durationCodec),
    formatted_output: withDefault(text, ""),
    status: required(oneOf(["completed", "failed", "declined"])),
  },
  exec_command_output_delta: {
    call_id: required(text),
    stream: required(oneOf(["stdout", "stderr"])),
    chunk: required(base64),
  },
  terminal_interaction: {
    call_id: required(text),
    process_id: required(text),
    stdin: required(text),
  },
  exec_approval_request: {
    call_id: required(text),
    approval_id: optional(text),
    turn_id: withDefault(text, ""),
    started_at_ms: withDefault(integer, 0),
    command: required(listOf(text)),
    cwd: required(text),
    reason: optional(text),
    network_approval_context: optional(anyJson),
    proposed_execpolicy_amendment: optional(anyJson),
    proposed_network_policy_amendments: optional(listOf(anyJson)),
    additional_permissions: optional(anyJson),
    available_decisions: optional(listOf(reviewDecisionCodec)),
    parsed_cmd: withDefault<readonly ParsedCommand[]>(parsedCommands, []),
  },
};
