import {
  agentMessageContentCodec,
  contentItemCodec,
  functionCallOutputCodec,
  messagePhaseCodec,
  reasoningContentPartCodec,
  reasoningSummaryPartCodec,
} from "./content-item.ts";
import type { Codec } from "./internal/codec.ts";
import { anyJson, integer, listOf, mapOf, oneOf, text } from "./internal/codec.ts";
import { inOnly, optional, required, writtenNull } from "./internal/object-codec.ts";
import { taggedUnion } from "./internal/union-codec.ts";
import type {
  LocalShellCallItem,
  OtherItem,
  ResponseItem,
  WebSearchAction,
} from "./response-item.ts";

type LocalShellAction = LocalShellCallItem["action"];
type OtherAction = { readonly type: "other" };

const OTHER_ACTION: OtherAction = { type: "other" };

const localShellAction: Codec<LocalShellAction> = taggedUnion<LocalShellAction>({
  exec: {
    command: required(listOf(text)),
    timeout_ms: writtenNull(integer),
    working_directory: writtenNull(text),
    env: writtenNull(mapOf(text)),
    user: writtenNull(text),
  },
});

export const webSearchActionCodec: Codec<WebSearchAction> = taggedUnion<
  Exclude<WebSearchAction, OtherAction>,
  OtherAction
>(
  {
    search: { query: optional(text), queries: optional(listOf(text)) },
    open_page: { url: optional(text) },
    find_in_page: { url: optional(text), pattern: optional(text) },
  },
  { unknown: () => OTHER_ACTION },
);

/**
 * Members of every item in the order they are written (0.132 and 0.140). `id` is read and kept, but not written here
 * except for images; `toWireItem` adds it where asked to.
 */
export const responseItemCodec: Codec<ResponseItem> = taggedUnion<
  Exclude<ResponseItem, OtherItem>,
  OtherItem
>(
  {
    message: {
      id: inOnly(text),
      role: required(text),
      content: required(listOf(contentItemCodec)),
      phase: optional(messagePhaseCodec),
    },
    agent_message: {
      id: inOnly(text),
      author: required(text),
      recipient: required(text),
      content: required(listOf(agentMessageContentCodec)),
    },
    reasoning: {
      id: inOnly(text),
      summary: required(listOf(reasoningSummaryPartCodec)),
      content: writtenNull(listOf(reasoningContentPartCodec)),
      encrypted_content: writtenNull(text),
    },
    local_shell_call: {
      id: inOnly(text),
      call_id: writtenNull(text),
      status: required(oneOf(["completed", "in_progress", "incomplete"])),
      action: required(localShellAction),
    },
    function_call: {
      id: inOnly(text),
      name: required(text),
      namespace: optional(text),
      arguments: required(text),
      call_id: required(text),
    },
    tool_search_call: {
      id: inOnly(text),
      call_id: writtenNull(text),
      status: optional(text),
      execution: required(text),
      arguments: required(anyJson),
    },
    function_call_output: {
      id: inOnly(text),
      call_id: required(text),
      output: required(functionCallOutputCodec),
    },
    custom_tool_call: {
      id: inOnly(text),
      status: optional(text),
      call_id: required(text),
      name: required(text),
      // Known to 0.169 only; requests follow 0.140, which has no such member.
      namespace: inOnly(text),
      input: required(text),
    },
    custom_tool_call_output: {
      id: inOnly(text),
      call_id: required(text),
      name: optional(text),
      output: required(functionCallOutputCodec),
    },
    tool_search_output: {
      id: inOnly(text),
      call_id: writtenNull(text),
      status: required(text),
      execution: required(text),
      tools: required(listOf(anyJson)),
    },
    web_search_call: {
      id: inOnly(text),
      status: optional(text),
      action: optional(webSearchActionCodec),
    },
    image_generation_call: {
      id: optional(text),
      status: required(text),
      revised_prompt: optional(text),
      result: required(text),
    },
    compaction: { id: inOnly(text), encrypted_content: required(text) },
    compaction_trigger: {},
    context_compaction: { id: inOnly(text), encrypted_content: optional(text) },
    additional_tools: { id: inOnly(text), role: required(text), tools: required(listOf(anyJson)) },
  },
  {
    aliases: { compaction_summary: "compaction" },
    unknown: (raw) => ({ type: "other", raw }),
  },
);
