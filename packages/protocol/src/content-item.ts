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

/** What a tool answers: plain text, or a list of parts. This is the wire form; there is no wrapper. */
export type FunctionCallOutput = string | readonly FunctionCallOutputContentItem[];

/** One part of a message between agents. */
export type AgentMessageContent =
  | { readonly type: "input_text"; readonly text: string }
  | { readonly type: "encrypted_content"; readonly encrypted_content: string };

export type ReasoningSummaryPart = { readonly type: "summary_text"; readonly text: string };
export type ReasoningContentPart =
  | { readonly type: "reasoning_text"; readonly text: string }
  | { readonly type: "text"; readonly text: string };

/** Role of a message inside an answer; absent means unknown, never "final". */
export type MessagePhase = "commentary" | "final_answer" | "partial_answer";
