import type { ContentItem, MessageItem, ResponseItem } from "@codex-ts/protocol";
import { estimateMessageTokens } from "../history/token-estimate.ts";
import { truncateMiddle } from "../history/truncate.ts";

/** Begins a command of the user, with its output. */
const USER_COMMAND_MARK = "<user_shell_command>";

/** Beginnings of messages that are context and nothing a person has said. */
const CONTEXT_MARKS: readonly string[] = [
  "# AGENTS.md instructions",
  "<environment_context>",
  "<skill>",
  "<turn_aborted>",
  USER_COMMAND_MARK,
  "<subagent_notification>",
];

/** Marks of an image given by its path. */
const IMAGE_MARK = /^(?:<image name=\[Image #\d+\] path=".*">|<\/image>)$/s;

/** Whether a person has said it: not a context message of the client. */
export function isSaidByUser(item: ResponseItem): item is MessageItem {
  return (
    item.type === "message" &&
    item.role === "user" &&
    !item.content.some(
      (part) =>
        "text" in part && CONTEXT_MARKS.some((mark) => part.text.trimStart().startsWith(mark)),
    )
  );
}

/** Whether a user has begun something with it: by saying something, or by a command of their own. */
export function isUserInput(item: ResponseItem): item is MessageItem {
  return isUserCommand(item) || isSaidByUser(item);
}

/** Whether it is a command that the user has run, with its output. */
export function isUserCommand(item: ResponseItem): item is MessageItem {
  if (item.type !== "message" || item.role !== "user") return false;
  const [part] = item.content;
  return part?.type === "input_text" && part.text.startsWith(USER_COMMAND_MARK);
}

/** The texts of a message, without the marks of images. */
export function textParts({ content }: MessageItem): readonly string[] {
  return content.flatMap((part) =>
    "text" in part && !IMAGE_MARK.test(part.text) ? [part.text] : [],
  );
}

/**
 * The newest messages within a budget of tokens, in their order; the oldest of them is cut in its middle where it does not
 * fit as a whole.
 */
export function newestWithin(
  messages: readonly MessageItem[],
  budgetTokens: number,
  options: {
    /** Tokens an image counts as. */
    readonly imageTokens: number;
    /** Makes the message that is cut. */
    readonly cut: (message: MessageItem, tokens: number) => MessageItem;
  },
): readonly MessageItem[] {
  const kept: MessageItem[] = [];
  let leftTokens = budgetTokens;
  for (const message of messages.toReversed()) {
    if (leftTokens <= 0) break;
    const tokens = estimateMessageTokens(message, options.imageTokens);
    kept.unshift(tokens <= leftTokens ? message : options.cut(message, leftTokens));
    leftTokens -= tokens;
  }
  return kept;
}

/** The message with its texts cut to so many tokens as if they were one; everything else of it is dropped. */
export function cutToOneText(message: MessageItem, tokens: number): MessageItem {
  return withTexts(message, [cutText(message, tokens)]);
}

/** The same with the head, the mark of the cut and the tail as texts of their own. */
export function cutToThreeTexts(message: MessageItem, tokens: number): MessageItem {
  const text = cutText(message, tokens);
  const [, head, mark, tail] = /^(.*?)(…\d+ tokens truncated…)(.*)$/s.exec(text) ?? [];
  return withTexts(message, [head, mark, tail].filter((part) => !!part) as string[]);
}

function cutText(message: MessageItem, tokens: number): string {
  return truncateMiddle(textParts(message).join(""), { mode: "tokens", limit: tokens });
}

/** The same message, with its id, of these texts. */
export function withTexts(message: MessageItem, texts: readonly string[]): MessageItem {
  return {
    ...message,
    content: texts.map((text): ContentItem => ({ type: "input_text", text })),
  };
}
