import { SCRIPT_NAME } from "./cell-protocol.ts";
import { PRELUDE_NAME } from "./isolate-prelude.ts";

/** As many as V8 shows. */
const MAX_FRAMES = 10;
const MAX_HEAD_CHARACTERS = 10_000;

const FRAME = new RegExp(`^    at (.*) \\(${SCRIPT_NAME.replace(".", "\\.")}:(\\d+):(\\d+)\\)$`);

/**
 * The text of what a script threw: the message, then the frames, with the places where V8 would see them. Models read such
 * texts all the time, and look up lines and columns.
 */
export function scriptErrorText(
  { head, stack }: { readonly head: string; readonly stack: string },
  source: string,
): string {
  const lines = source.split("\n");
  const frames = stack
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .filter((line, index, all) => !isOfPrelude(line, all[index + 1]))
    .slice(0, MAX_FRAMES);
  const message = messageAsV8(head).slice(0, MAX_HEAD_CHARACTERS);
  const top = frames[0] === undefined ? undefined : placeOf(frames[0]);
  const named =
    message === "TypeError: not a function" && top !== undefined
      ? namedCallee(message, lines[top.line - 1] ?? "", top.column)
      : message;
  return [named, ...frames.map((frame) => frameAsV8(frame, lines))].join("\n");
}

/** Frames of the prelude, and of functions of the language that it has called. */
function isOfPrelude(frame: string, caller = ""): boolean {
  return (
    frame.includes(PRELUDE_NAME) || (frame.endsWith(" (native)") && caller.includes(PRELUDE_NAME))
  );
}

/** Messages of the isolate that models know in the words of V8, and what it puts before those of the host. */
function messageAsV8(head: string): string {
  if (head === "TypeError: BigInt are forbidden in JSON.stringify") {
    return "TypeError: Do not know how to serialize a BigInt";
  }
  if (head === "TypeError: circular reference") {
    return "TypeError: Converting circular structure to JSON";
  }
  return head.replace(/^Error: (?=Unsupported import in exec: )/, "");
}

function placeOf(
  frame: string,
): { readonly name: string; readonly line: number; readonly column: number } | undefined {
  const [, name, line, column] = FRAME.exec(frame) ?? [];
  if (name === undefined) return undefined;
  return { name, line: Number(line), column: Number(column) };
}

/** The isolate names the place before a member or a class; V8 that of the member, or of `new`. */
function frameAsV8(frame: string, lines: readonly string[]): string {
  const place = placeOf(frame);
  if (place === undefined) return frame;
  const text = lines[place.line - 1] ?? "";
  let { column } = place;
  if (text[column - 1] === ".") column += 1;
  else if (text.slice(column - 4, column - 1) === "new") column -= 3;
  else if (text.slice(column - 5, column - 1) === "new ") column -= 4;
  const at = `${SCRIPT_NAME}:${place.line}:${column}`;
  return place.name === "<anonymous>" ? `    at ${at}` : `    at ${place.name} (${at})`;
}

/** `tools.nope is not a function`: the isolate leaves the name out. */
function namedCallee(message: string, text: string, column: number): string {
  const before = /[\w$.]*$/.exec(text.slice(0, column - 1))?.[0] ?? "";
  const after = /^\.?[\w$]+/.exec(text.slice(column - 1))?.[0] ?? "";
  const name = before + after;
  return name === "" ? message : message.replace("not a function", `${name} is not a function`);
}
