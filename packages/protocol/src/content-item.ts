import type { Codec } from "./internal/codec.ts";
import { either, listOf, oneOf, text } from "./internal/codec.ts";
import { optional, required } from "./internal/object-codec.ts";
import { taggedUnion } from "./internal/union-codec.ts";

/** How closely the model should look at an image. */
export type ImageDetail = "auto" | "low" | "high" | "original";

/** One part of a `message` item. A message with any other part does not parse. */
export type ContentItem =
  | { readonly type: "input_text"; readonly text: string }
  | {
      readonly type: "input_image";
      readonly image_url: string;
      readonly detail?: ImageDetail;
    }
  | { readonly type: "output_text"; readonly text: string };

/** One part of a tool output that is a list. */
export type FunctionCallOutputContentItem =
  | { readonly type: "input_text"; readonly text: string }
  | { readonly type: "input_image"; readonly image_url: string; readonly detail?: ImageDetail }
  | { readonly type: "encrypted_content"; readonly encrypted_content: string };

/** Output of a tool: plain text, or a list of parts. This is the wire form; there is no wrapper. */
export type FunctionCallOutput = string | readonly FunctionCallOutputContentItem[];

/** One part of a message between agents. */
export type AgentMessageContent =
  | { readonly type: "input_text"; readonly text: string }
  | { readonly type: "encrypted_content"; readonly encrypted_content: string };

/** One paragraph of a model's summary of its reasoning. */
export type ReasoningSummaryPart = { readonly type: "summary_text"; readonly text: string };
/** One part of reasoning given in the clear. */
export type ReasoningContentPart =
  | { readonly type: "reasoning_text"; readonly text: string }
  | { readonly type: "text"; readonly text: string };

/** Role of a message inside a response; absent means unknown, never "final". */
export type MessagePhase = "commentary" | "final_answer" | "partial_answer";

/** Source: 0.140 and its schema; 0.132 knew `high` and `original` only. */
export const imageDetailCodec: Codec<ImageDetail> = oneOf(["auto", "low", "high", "original"]);

export const messagePhaseCodec: Codec<MessagePhase> = oneOf([
  "commentary",
  "final_answer",
  "partial_answer",
]);

/** No catch-all: one part of another kind makes the whole message not fit (seen in all versions). */
export const contentItemCodec: Codec<ContentItem> = taggedUnion<ContentItem>({
  input_text: { text: required(text) },
  input_image: { image_url: required(text), detail: optional(imageDetailCodec) },
  output_text: { text: required(text) },
});

export const agentMessageContentCodec: Codec<AgentMessageContent> =
  taggedUnion<AgentMessageContent>({
    input_text: { text: required(text) },
    encrypted_content: { encrypted_content: required(text) },
  });

export const reasoningSummaryPartCodec: Codec<ReasoningSummaryPart> =
  taggedUnion<ReasoningSummaryPart>({ summary_text: { text: required(text) } });

export const reasoningContentPartCodec: Codec<ReasoningContentPart> =
  taggedUnion<ReasoningContentPart>({
    reasoning_text: { text: required(text) },
    text: { text: required(text) },
  });

export const functionCallOutputCodec: Codec<FunctionCallOutput> = either<
  string,
  readonly FunctionCallOutputContentItem[]
>(
  text,
  listOf(
    taggedUnion<FunctionCallOutputContentItem>({
      input_text: { text: required(text) },
      input_image: { image_url: required(text), detail: optional(imageDetailCodec) },
      encrypted_content: { encrypted_content: required(text) },
    }),
  ),
  (output) => typeof output === "string",
);

/**
 * The words of a tool output: a text as it is; of a list the texts that are not blank, one per line, or `null`
 * when it has none. Images and encrypted parts say nothing.
 */
export function functionCallOutputText(output: FunctionCallOutput): string | null {
  if (typeof output === "string") return output;
  const texts = output.flatMap((part) =>
    part.type === "input_text" && part.text.trim() !== "" ? [part.text] : [],
  );
  return texts.length === 0 ? null : texts.join("\n");
}
