import type { JsonObject } from "@codex-ts/protocol";
import type { EventFraming } from "../script/step.ts";

/** One event as the lines of a server-sent event stream. */
export function encodeEvent(event: JsonObject, framing: EventFraming = {}): string {
  const { lineEnd = "\n", separator = " ", dataLines = 1, blankLine = "present" } = framing;
  const type = event["type"];
  const eventName =
    framing.eventName === undefined && typeof type === "string" ? type : framing.eventName;
  const lines = [
    ...(typeof eventName === "string" ? [`event:${separator}${eventName}`] : []),
    ...splitJson(JSON.stringify(event), dataLines).map((part) => `data:${separator}${part}`),
    ...(blankLine === "present" ? [""] : []),
  ];
  return lines.map((line) => line + lineEnd).join("");
}

/** A comment line with the blank line that keeps it apart from events. */
export function encodeComment(text: string): string {
  return `: ${text}\n\n`;
}

/** Breaks JSON after commas between members, where a line feed changes nothing. */
function splitJson(json: string, lineCount: number): string[] {
  if (lineCount <= 1) return [json];
  const borders: number[] = [];
  let insideString = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (insideString && character === "\\") index += 1;
    else if (character === '"') insideString = !insideString;
    else if (character === "," && !insideString) borders.push(index + 1);
  }
  const used = borders.slice(0, lineCount - 1);
  return [0, ...used].map((start, index) => json.slice(start, used[index]));
}
