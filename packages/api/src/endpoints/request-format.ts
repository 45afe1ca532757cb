/** A member of a request body, or of the frame that carries one over WebSocket. */
export type RequestMember =
  | "type"
  | "model"
  | "instructions"
  | "previous_response_id"
  | "input"
  | "tools"
  | "tool_choice"
  | "parallel_tool_calls"
  | "reasoning"
  | "store"
  | "stream"
  | "include"
  | "service_tier"
  | "prompt_cache_key"
  | "text"
  | "generate"
  | "client_metadata"
  | "access_programs";

/** How requests for responses are written. Data: what differs between generations of Codex, and nothing else. */
export interface RequestFormat {
  /** Members in the order they are written. Members a request does not have are left out. */
  readonly members: readonly RequestMember[];
  /** Whether items are sent with their ids. (Azure endpoints that store responses get some in either case.) */
  readonly itemIds: "omit" | "keep";
  /** Whether the credentials stand before or after the headers about the content. */
  readonly credentials: "before_content_headers" | "after_content_headers";
  /** `accept-encoding` of HTTP requests. Compressed responses are decoded in any case. `undefined`: no header. */
  readonly acceptEncoding: string | undefined;
}

/** As Codex 0.140 writes them. Source: docs/behavior/api.md 2.2, 2.4; recorded requests. */
export const DEFAULT_REQUEST_FORMAT: RequestFormat = {
  members: [
    "type",
    "model",
    "instructions",
    "previous_response_id",
    "input",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "store",
    "stream",
    "include",
    "service_tier",
    "prompt_cache_key",
    "text",
    "generate",
    "client_metadata",
  ],
  itemIds: "omit",
  credentials: "before_content_headers",
  acceptEncoding: undefined,
};
