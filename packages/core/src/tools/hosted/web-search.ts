import type { JsonObject, ModelInfo } from "@codex-ts/protocol";
import type { SandboxMode } from "../../policies.ts";

/**
 * Whether the server may search the web for the model: not at all, among pages it has kept (`cached`), among those of its
 * index, or everywhere. A thread with all rights searches everywhere where it would search kept pages.
 */
export type WebSearchMode = "disabled" | "cached" | "indexed" | "live";

/** Where and how the server searches. */
export interface WebSearchOptions {
  readonly mode: WebSearchMode;
  /** How much of what is found the model reads. Default: the server's. */
  readonly contextSize?: "low" | "medium" | "high" | undefined;
  /** Only pages of these hosts. Default: of all. */
  readonly allowedDomains?: readonly string[] | undefined;
  /** Roughly where the user is. */
  readonly location?:
    | {
        /** ISO 3166-1 code of two letters. */
        readonly country?: string | undefined;
        readonly region?: string | undefined;
        readonly city?: string | undefined;
        /** IANA name. */
        readonly timezone?: string | undefined;
      }
    | undefined;
}

/** The tool as requests define it; `undefined` when it is off. Source: requests of 0.140 and 0.171. */
export function webSearchSpec(
  { mode, contextSize, allowedDomains, location }: WebSearchOptions,
  {
    sandboxMode,
    model,
  }: { readonly sandboxMode: SandboxMode; readonly model: Pick<ModelInfo, "web_search_tool_type"> },
): JsonObject | undefined {
  if (mode === "disabled") return undefined;
  const isLive = mode !== "cached" || sandboxMode === "danger-full-access";
  return {
    type: "web_search",
    external_web_access: isLive,
    ...(mode === "indexed" && { indexed_web_access: true }),
    ...(allowedDomains !== undefined && { filters: { allowed_domains: allowedDomains } }),
    ...(location !== undefined && {
      user_location: {
        type: "approximate",
        ...(location.country !== undefined && { country: location.country }),
        ...(location.region !== undefined && { region: location.region }),
        ...(location.city !== undefined && { city: location.city }),
        ...(location.timezone !== undefined && { timezone: location.timezone }),
      },
    }),
    ...(contextSize !== undefined && { search_context_size: contextSize }),
    ...(model.web_search_tool_type === "text_and_image" && {
      search_content_types: ["text", "image"],
    }),
  };
}
