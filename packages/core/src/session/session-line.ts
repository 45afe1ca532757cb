import type {
  Compatibility,
  JsonObject,
  ResponseItem,
  TextElement,
  UserInput,
} from "@codex-ts/protocol";
import type { ThreadEvent } from "../events/thread-event.ts";

/** Content of one line of a session file; the time, and a number where lines have one, are put before it. */
export interface SessionLine {
  readonly type: string;
  readonly payload: JsonObject;
}

/** A line that is taken over from another file, without its end. */
export interface CopiedLine {
  readonly text: string;
}

/** Makes the lines of one generation from the events of a thread, in order. */
export interface SessionLines {
  /** Whether lines are numbered. */
  readonly isNumbered: boolean;
  /** Lines that stand before those of the first event: what the session is, in a new file. */
  opening(): readonly SessionLine[];
  /** Lines that a new file without a turn has behind those. */
  fresh(): readonly SessionLine[];
  linesOf(event: ThreadEvent): readonly SessionLine[];
}

/** Which generation of Codex has written a file, and goes on being written in it. */
export type SessionGeneration = Compatibility;

export function eventLine(payload: object): SessionLine {
  return { type: "event_msg", payload: payload as JsonObject };
}

export function itemLine(payload: JsonObject): SessionLine {
  return { type: "response_item", payload };
}

/** The text of what a person has written, without images and the like. */
export function userText(content: readonly UserInput[]): string {
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
}

/** Elements of what a person has written, by their place in all of it. */
export function textElements(content: readonly UserInput[]): readonly TextElement[] {
  let before = 0;
  return content.flatMap((part) => {
    if (part.type !== "text") return [];
    const offset = before;
    before += Buffer.byteLength(part.text, "utf8");
    return part.text_elements.map(({ byte_range: { start, end }, placeholder }) => ({
      byte_range: { start: start + offset, end: end + offset },
      placeholder,
    }));
  });
}

/** The texts of a message of the model, one for each part. */
export function agentMessageTexts(item: ResponseItem): readonly string[] {
  if (item.type !== "message" || item.role !== "assistant") return [];
  return item.content.flatMap((part) => (part.type === "input_image" ? [] : [part.text]));
}
