import type {
  DynamicToolContent,
  TextElement,
  TurnItem,
  UserInput,
  WebSearchAction,
} from "@codex-ts/protocol";
import type { Generation } from "./generation.ts";

/** When an item began and ended, in Unix milliseconds. Items of today's Codex carry it. */
export interface ItemTimes {
  readonly startedAtMs: number;
  readonly completedAtMs: number | null;
}

type Status = "inProgress" | "completed" | "failed" | "declined";

/** Something a turn shows, as clients read it. */
export type ThreadItem =
  | {
      readonly type: "userMessage";
      readonly id: string;
      readonly clientId: string | null;
      readonly content: readonly object[];
    }
  | {
      readonly type: "agentMessage";
      readonly id: string;
      readonly text: string;
      readonly phase: string | null;
      readonly memoryCitation: unknown;
    }
  | { readonly type: "plan"; readonly id: string; readonly text: string }
  | {
      readonly type: "reasoning";
      readonly id: string;
      readonly summary: readonly string[];
      readonly content: readonly string[];
    }
  | {
      readonly type: "commandExecution";
      readonly id: string;
      readonly command: string;
      readonly cwd: string;
      readonly processId: string | null;
      readonly source: string;
      readonly status: Status;
      readonly commandActions: readonly object[];
      readonly aggregatedOutput: string | null;
      readonly exitCode: number | null;
      readonly durationMs: number | null;
    }
  | {
      readonly type: "fileChange";
      readonly id: string;
      readonly changes: readonly object[];
      readonly status: Status;
    }
  | {
      /** A call of a tool of an MCP server. */
      readonly type: "mcpToolCall";
      readonly id: string;
      readonly server: string;
      readonly tool: string;
      readonly status: Exclude<Status, "declined">;
      readonly arguments: unknown;
      readonly pluginId: null;
      /** As the tool says of itself. Today's Codex alone shows it. */
      readonly readOnlyHint: boolean | null;
      /** `{content, structuredContent, _meta}`. */
      readonly result: object | null;
      readonly error: { readonly message: string } | null;
      readonly durationMs: number | null;
    }
  | {
      readonly type: "dynamicToolCall";
      readonly id: string;
      readonly namespace: string | null;
      readonly tool: string;
      readonly arguments: unknown;
      readonly status: Status;
      readonly contentItems: readonly object[] | null;
      readonly success: boolean | null;
      readonly durationMs: number | null;
    }
  | {
      readonly type: "webSearch";
      readonly id: string;
      readonly query: string;
      readonly action: object;
    }
  | { readonly type: "imageView"; readonly id: string; readonly path: string }
  | {
      readonly type: "imageGeneration";
      readonly id: string;
      readonly status: string;
      readonly revisedPrompt: string | null;
      readonly result: string;
      readonly savedPath?: string;
    }
  | {
      /** Something one agent did to another. */
      readonly type: "subAgentActivity";
      readonly id: string;
      readonly kind: string;
      readonly agentThreadId: string;
      readonly agentPath: string;
      /** Of an agent that was started. Today's Codex alone shows both. */
      readonly model: string | null;
      readonly reasoningEffort: string | null;
    }
  | {
      /** A call of a tool for agents. */
      readonly type: "collabAgentToolCall";
      readonly id: string;
      readonly tool: string;
      readonly status: Exclude<Status, "declined">;
      readonly senderThreadId: string;
      readonly receiverThreadIds: readonly string[];
      readonly prompt: string | null;
      readonly model: string | null;
      readonly reasoningEffort: string | null;
      /** `{status, message}` by thread id. */
      readonly agentsStates: object;
    }
  | { readonly type: "contextCompaction"; readonly id: string }
  | {
      /** A review begins, of what `review` says, or ends, with `review` as its result for people. */
      readonly type: "enteredReviewMode" | "exitedReviewMode";
      readonly id: string;
      readonly review: string;
    };

/** The item in the words of the app server; `undefined` for kinds it has no word for. */
export function toThreadItem(item: TurnItem): ThreadItem | undefined {
  switch (item.type) {
    case "UserMessage":
      return {
        type: "userMessage",
        id: item.id,
        clientId: item.client_id ?? null,
        content: item.content.map(toUserInput),
      };
    case "AgentMessage":
      return {
        type: "agentMessage",
        id: item.id,
        text: item.content.map(({ text }) => text).join(""),
        phase: item.phase ?? null,
        memoryCitation: item.memory_citation ?? null,
      };
    case "Plan":
      return { type: "plan", id: item.id, text: item.text };
    case "Reasoning":
      return {
        type: "reasoning",
        id: item.id,
        summary: item.summary_text,
        content: item.raw_content,
      };
    case "WebSearch":
      return {
        type: "webSearch",
        id: item.id,
        query: item.query,
        action: toSearchAction(item.action),
      };
    case "ImageView":
      return { type: "imageView", id: item.id, path: item.path };
    case "ImageGeneration":
      return {
        type: "imageGeneration",
        id: item.id,
        status: item.status,
        revisedPrompt: item.revised_prompt ?? null,
        result: item.result,
        ...(item.saved_path !== undefined && { savedPath: item.saved_path }),
      };
    case "ContextCompaction":
      return { type: "contextCompaction", id: item.id };
    case "DynamicToolCall":
      return toDynamicToolCall(item);
    case "other":
      return undefined;
    default:
      return item satisfies never;
  }
}

/** The item with the members it has in that generation of Codex. */
export function inGeneration(item: ThreadItem, generation: Generation, times: ItemTimes): object {
  if (generation === "0.140") return olderForm(item);
  return { ...NEW_MEMBERS[item.type], ...item, ...times };
}

function olderForm(item: ThreadItem): object {
  if (item.type === "mcpToolCall") {
    const { readOnlyHint: _readOnlyHint, ...older } = item;
    return older;
  }
  if (item.type !== "subAgentActivity") return item;
  const { model: _model, reasoningEffort: _effort, ...older } = item;
  return older;
}

const NEW_MEMBERS: { readonly [Type in ThreadItem["type"]]?: object } = {
  agentMessage: { moderation: null, delivery: null, questions: null },
  commandExecution: { pluginId: null, scriptPath: null },
  mcpToolCall: { environmentId: null, appContext: null, mcpAppUi: null },
  webSearch: { results: null },
};

function toDynamicToolCall(
  item: Extract<TurnItem, { readonly type: "DynamicToolCall" }>,
): ThreadItem {
  return {
    type: "dynamicToolCall",
    id: item.id,
    namespace: item.namespace ?? null,
    tool: item.tool,
    arguments: item.arguments,
    status: item.success === undefined ? "inProgress" : item.success ? "completed" : "failed",
    contentItems: item.content_items?.map(toContent) ?? null,
    success: item.success ?? null,
    durationMs: item.duration ? durationMs(item.duration) : null,
  };
}

function toContent(part: DynamicToolContent): object {
  return part.type === "other" ? part.raw : part;
}

/** A part of a text that a client shows as something else. */
export function toTextElement({ byte_range: byteRange, placeholder }: TextElement): object {
  return { byteRange, placeholder };
}

/** Inputs as clients send them: kinds in camelCase, images by `url`. */
function toUserInput(input: UserInput): object {
  switch (input.type) {
    case "text": {
      const { text, text_elements: elements } = input;
      return { type: "text", text, text_elements: elements.map(toTextElement) };
    }
    case "image":
      return { type: "image", url: input.image_url, detail: input.detail ?? null };
    case "local_image":
      return { type: "localImage", path: input.path, detail: input.detail ?? null };
    case "skill":
    case "mention":
      return input;
    default:
      return input satisfies never;
  }
}

function toSearchAction(action: WebSearchAction): object {
  switch (action.type) {
    case "search":
      return { type: "search", query: action.query ?? null, queries: action.queries ?? null };
    case "open_page":
      return { type: "openPage", url: action.url ?? null };
    case "find_in_page":
      return { type: "findInPage", url: action.url ?? null, pattern: action.pattern ?? null };
    case "other":
      return { type: "other" };
    default:
      return action satisfies never;
  }
}

export function durationMs({
  secs,
  nanos,
}: {
  readonly secs: number;
  readonly nanos: number;
}): number {
  return secs * 1000 + Math.floor(nanos / 1e6);
}
