import type { CallToolResult } from "../call-tool-result.ts";
import { callToolResultCodec } from "../call-tool-result.ts";
import type { Codec } from "../internal/codec.ts";
import {
  anyJson,
  boolean,
  integer,
  listOf,
  mapOf,
  oneOf,
  orNull,
  text,
} from "../internal/codec.ts";
import { nullable, objectOf, optional, required, withDefault } from "../internal/object-codec.ts";
import type { Variants } from "../internal/union-codec.ts";
import { externalUnion, taggedUnion } from "../internal/union-codec.ts";
import type { JsonValue } from "../json.ts";
import { webSearchActionCodec } from "../response-item-codec.ts";
import type { WebSearchAction } from "../response-item.ts";
import type { WireDuration } from "./exec-events.ts";
import { durationCodec } from "./exec-events.ts";

/** Events about tools other than commands. */
export type ToolEventMsg =
  | { readonly type: "web_search_begin"; readonly call_id: string }
  | {
      readonly type: "web_search_end";
      readonly call_id: string;
      readonly query: string;
      readonly action: WebSearchAction;
    }
  | ImageGenerationEndEvent
  | McpToolCallBeginEvent
  | McpToolCallEndEvent
  | PatchApplyBeginEvent
  | ApplyPatchApprovalRequestEvent
  | {
      readonly type: "patch_apply_updated";
      readonly call_id: string;
      readonly changes: FileChanges;
    }
  | PatchApplyEndEvent
  | { readonly type: "turn_diff"; readonly unified_diff: string }
  | (PlanUpdate & { readonly type: "plan_update" })
  | SubAgentActivityEvent;

/** A generated image is there, or its generation failed. */
export interface ImageGenerationEndEvent {
  readonly type: "image_generation_end";
  readonly call_id: string;
  readonly status: string;
  readonly revised_prompt?: string;
  /** Base64 of the image. */
  readonly result: string;
  readonly saved_path?: string;
}

/** Which tool of which MCP server is called, with what. */
export interface McpInvocation {
  readonly server: string;
  readonly tool: string;
  readonly arguments: JsonValue;
}

/** A call of an MCP server's tool started. */
export interface McpToolCallBeginEvent {
  readonly type: "mcp_tool_call_begin";
  readonly call_id: string;
  readonly invocation: McpInvocation;
  readonly mcp_app_resource_uri?: string;
  readonly plugin_id?: string;
}

/** A call of an MCP server's tool ended. */
export interface McpToolCallEndEvent {
  readonly type: "mcp_tool_call_end";
  readonly call_id: string;
  readonly invocation: McpInvocation;
  readonly mcp_app_resource_uri?: string;
  readonly plugin_id?: string;
  readonly duration: WireDuration;
  /** A result with `isError` is `Ok`; `Err` is a call that got no result. */
  readonly result: { readonly Ok: CallToolResult } | { readonly Err: string };
}

/** Change of a patch to one file. */
export type FileChange =
  | { readonly type: "add"; readonly content: string }
  | { readonly type: "delete"; readonly content: string }
  | { readonly type: "update"; readonly unified_diff: string; readonly move_path: string | null };

/** Changes of a patch, by path. */
export type FileChanges = Readonly<Record<string, FileChange>>;

/** A patch is about to be applied. */
export interface PatchApplyBeginEvent {
  readonly type: "patch_apply_begin";
  readonly call_id: string;
  readonly turn_id: string;
  readonly auto_approved: boolean;
  readonly changes: FileChanges;
}

/** A patch waits for a decision. */
export interface ApplyPatchApprovalRequestEvent {
  readonly type: "apply_patch_approval_request";
  readonly call_id: string;
  readonly turn_id: string;
  /** Unix milliseconds; 0 where older payloads do not say. */
  readonly started_at_ms: number;
  readonly changes: FileChanges;
  readonly reason?: string;
  /** Directory that is to be writable for the rest of the session. */
  readonly grant_root?: string;
}

/** A patch was applied, failed or was declined. */
export interface PatchApplyEndEvent {
  readonly type: "patch_apply_end";
  readonly call_id: string;
  readonly turn_id: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly success: boolean;
  readonly changes: FileChanges;
  readonly status: "completed" | "failed" | "declined";
}

/** The plan of a turn; also the arguments of the tool `update_plan`. */
export interface PlanUpdate {
  readonly explanation: string | null;
  readonly plan: readonly PlanStep[];
}

/** One step of the agent's plan. */
export interface PlanStep {
  readonly step: string;
  readonly status: "pending" | "in_progress" | "completed";
}

/** One agent did something to another (0.140 and later). */
export interface SubAgentActivityEvent {
  readonly type: "sub_agent_activity";
  readonly event_id: string;
  /** Unix milliseconds; 0 where older payloads do not say. */
  readonly occurred_at_ms: number;
  readonly agent_thread_id: string;
  readonly agent_path: string;
  readonly kind: "started" | "interacted" | "interrupted";
  /** Of an agent that was started (0.171): the slug of its model, and the effort asked of it. */
  readonly model?: string | null;
  readonly reasoning_effort?: string | null;
}

const invocationCodec: Codec<McpInvocation> = objectOf<McpInvocation>({
  server: required(text),
  tool: required(text),
  arguments: nullable(anyJson),
});

const fileChangesCodec: Codec<FileChanges> = mapOf(
  taggedUnion<FileChange>({
    add: { content: required(text) },
    delete: { content: required(text) },
    update: { unified_diff: required(text), move_path: nullable(text) },
  }),
);

const planStepsCodec: Codec<readonly PlanStep[]> = listOf(
  objectOf<PlanStep>(
    {
      step: required(text),
      status: required(oneOf(["pending", "in_progress", "completed"])),
    },
    { rejectUnknown: true },
  ),
);

const planUpdateCodec: Codec<PlanUpdate> = objectOf<PlanUpdate>(
  { explanation: nullable(text), plan: required(planStepsCodec) },
  { rejectUnknown: true },
);

/** Reads a plan, e.g. the parsed arguments of `update_plan`. Unknown members are refused, unlike anywhere else. */
export function readPlanUpdate(value: unknown): PlanUpdate | undefined {
  return planUpdateCodec.read(value);
}

const patchStatus = oneOf(["completed", "failed", "declined"]);

const mcpCall = {
  call_id: required(text),
  invocation: required(invocationCodec),
  mcp_app_resource_uri: optional(text),
  plugin_id: optional(text),
};

export const toolEventVariants: Variants<ToolEventMsg> = {
  web_search_begin: { call_id: required(text) },
  web_search_end: {
    call_id: required(text),
    query: required(text),
    action: required(webSearchActionCodec),
  },
  image_generation_end: {
    call_id: required(text),
    status: required(text),
    revised_prompt: optional(text),
    result: required(text),
    saved_path: optional(text),
  },
  mcp_tool_call_begin: mcpCall,
  mcp_tool_call_end: {
    ...mcpCall,
    duration: required(durationCodec),
    result: required(
      externalUnion<McpToolCallEndEvent["result"]>(oneOf([]), {
        Ok: callToolResultCodec,
        Err: text,
      }),
    ),
  },
  patch_apply_begin: {
    call_id: required(text),
    turn_id: withDefault(text, ""),
    auto_approved: required(boolean),
    changes: required(fileChangesCodec),
  },
  apply_patch_approval_request: {
    call_id: required(text),
    turn_id: withDefault(text, ""),
    started_at_ms: withDefault(integer, 0),
    changes: required(fileChangesCodec),
    reason: optional(text),
    grant_root: optional(text),
  },
  patch_apply_updated: { call_id: required(text), changes: required(fileChangesCodec) },
  patch_apply_end: {
    call_id: required(text),
    turn_id: withDefault(text, ""),
    stdout: required(text),
    stderr: required(text),
    success: required(boolean),
    changes: withDefault<FileChanges>(fileChangesCodec, {}),
    status: required(patchStatus),
  },
  turn_diff: { unified_diff: required(text) },
  plan_update: { explanation: nullable(text), plan: required(planStepsCodec) },
  sub_agent_activity: {
    event_id: required(text),
    occurred_at_ms: withDefault(integer, 0),
    agent_thread_id: required(text),
    agent_path: required(text),
    kind: required(oneOf(["started", "interacted", "interrupted"])),
    model: optional(orNull(text)),
    reasoning_effort: optional(orNull(text)),
  },
};
