import type { JsonObject, JsonValue, ResponseItem } from "@codex-ts/protocol";

/** Arguments of a tool call as the model (or a code cell) gave them; wire spelling. */
export type ToolInvocationPayload =
  | { readonly type: "function"; /** JSON text. */ readonly arguments: string }
  | { readonly type: "custom"; readonly input: string }
  | { readonly type: "tool_search"; readonly arguments: JsonObject }
  | {
      readonly type: "local_shell";
      readonly command: readonly string[];
      readonly workdir: string | null;
      readonly timeout_ms: number | null;
      readonly sandbox_permissions: JsonValue;
      readonly prefix_rule: JsonValue;
      readonly additional_permissions: JsonValue;
      readonly justification: string | null;
    };

/** One call that is about to be handed to a tool. */
export interface ToolInvocation {
  readonly turnId: string;
  /** The model's call id, or `exec-<uuid>` for a call out of a code cell. */
  readonly toolCallId: string;
  /** The item that made the call, the object its attempt saw: it distinguishes two calls of one id. */
  readonly item?: ResponseItem | undefined;
  readonly toolName: string;
  readonly toolNamespace: string | null;
  /** Who called: the model (default), or a code cell with its runtime's id of the call. */
  readonly requester?:
    | { readonly type: "model" }
    | {
        readonly type: "code_cell";
        readonly runtimeCellId: string;
        readonly runtimeToolId: string;
      }
    | undefined;
  readonly payload: ToolInvocationPayload;
}
