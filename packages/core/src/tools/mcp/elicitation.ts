import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";

/** A question of an MCP server to the person in front of the application. Everything in it comes from the server. */
export type McpElicitation = {
  /** Name of the server in the settings. */
  readonly server: string;
  readonly threadId: string;
  /** The turn whose call the server works on; `undefined` when it works on none. */
  readonly turnId: string | undefined;
  readonly message: string;
  /** The `_meta` of the request. */
  readonly meta: JsonObject | undefined;
} & (
  | {
      /** Values of a form; its schema is an object with members of simple types. */
      readonly mode: "form";
      readonly requestedSchema: JsonObject;
    }
  | {
      /** A page the person is to open, e.g. to log in. */
      readonly mode: "url";
      readonly url: string;
      readonly elicitationId: string;
    }
);

/** The reply of a person: `decline` is a no, `cancel` means that there was none. */
export type McpElicitationAnswer =
  | { readonly action: "accept"; readonly content?: JsonObject }
  | { readonly action: "decline" | "cancel" };

/**
 * Puts the question of a server to a person. The signal is aborted when the reply is not needed any more. Rejecting, or a
 * reply that is none, cancels.
 */
export type OnMcpElicitation = (
  elicitation: McpElicitation,
  options: { readonly signal: AbortSignal },
) => McpElicitationAnswer | Promise<McpElicitationAnswer>;

/** The question in the parameters of a server's request; `undefined` for one nobody could reply to. */
export function readElicitation(
  params: JsonObject,
  facts: Pick<McpElicitation, "server" | "threadId" | "turnId">,
): McpElicitation | undefined {
  const { message, requestedSchema, mode, url, elicitationId, _meta } = params;
  if (typeof message !== "string") return undefined;
  const asked = { ...facts, message, meta: isJsonObject(_meta) ? _meta : undefined };
  if (mode === "url") {
    const isWebPage = typeof url === "string" && /^https?:\/\//.test(url) && URL.canParse(url);
    if (!isWebPage || typeof elicitationId !== "string") return undefined;
    return { ...asked, mode, url, elicitationId };
  }
  if (!isJsonObject(requestedSchema)) return undefined;
  return { ...asked, mode: "form", requestedSchema };
}

/** Replies come from code that may not be type-checked. */
export function readElicitationAnswer(answer: unknown): McpElicitationAnswer {
  const { action, content } = Object(answer) as Partial<Record<string, unknown>>;
  if (action === "accept") return { action, content: isJsonObject(content) ? content : {} };
  return { action: action === "decline" ? action : "cancel" };
}
