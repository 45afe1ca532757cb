import type { JsonObject, JsonValue } from "./json.ts";
import type { RateLimitSnapshot } from "./rate-limits.ts";
import type { ResponseItem } from "./response-item.ts";
import type { TokenUsage } from "./token-usage.ts";

/**
 * An event of a response stream; they come in order of arrival. Failures are not events: they end the stream with an
 * error.
 *
 * `responseId` of `completed` is the Responses API's `response.id`. The transport's request id is no event; it belongs
 * to the stream.
 */
export type ResponseEvent =
  | { readonly type: "created" }
  | { readonly type: "outputItemAdded"; readonly item: ResponseItem }
  | { readonly type: "outputItemDone"; readonly item: ResponseItem }
  | { readonly type: "outputTextDelta"; readonly delta: string }
  | {
      readonly type: "toolCallInputDelta";
      readonly itemId: string;
      readonly callId: string | null;
      readonly delta: string;
    }
  | {
      readonly type: "reasoningSummaryDelta";
      readonly delta: string;
      readonly summaryIndex: number;
    }
  | {
      readonly type: "reasoningContentDelta";
      readonly delta: string;
      readonly contentIndex: number;
    }
  | { readonly type: "reasoningSummaryPartAdded"; readonly summaryIndex: number }
  | { readonly type: "serverModel"; readonly model: string }
  | { readonly type: "modelVerifications"; readonly verifications: readonly string[] }
  | { readonly type: "turnModerationMetadata"; readonly metadata: JsonValue }
  | { readonly type: "serverReasoningIncluded"; readonly included: boolean }
  | { readonly type: "rateLimits"; readonly snapshot: RateLimitSnapshot }
  | { readonly type: "modelsEtag"; readonly etag: string }
  | {
      readonly type: "completed";
      readonly responseId: string;
      readonly tokenUsage: TokenUsage | null;
      readonly endTurn: boolean | null;
    }
  | {
      /** An output item that could not be read, and what is wrong with it. What could be put right is no such event. */
      readonly type: "unreadableItem";
      readonly itemType: string;
      readonly problem: string;
    }
  | {
      /** An event of a type this package does not know, delivered so that nothing a server says is lost. */
      readonly type: "other";
      readonly raw: JsonObject;
    };
