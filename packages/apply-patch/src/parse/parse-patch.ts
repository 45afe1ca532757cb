import type { Patch } from "../patch.ts";
import { trim } from "../text/white-space.ts";
import { LineParser } from "./line-parser.ts";
import { BEGIN_PATCH, END_PATCH } from "./markers.ts";
import { missingBegin, missingEnd } from "./parse-errors.ts";

/**
 * Parses a patch as leniently as Codex: white space around the text and its markers, a heredoc around the whole and CRLF line ends are
 * fine. Throws a `PatchError` with code `invalid_patch`. The disk is not looked at.
 */
export function parsePatch(text: string): Patch {
  const lines = patchLines(text);
  const parser = new LineParser();
  for (const line of lines.slice(0, -1)) parser.push(line);
  // The last line ends the patch also where it is indented, and where another one did so before.
  if (!parser.hasEnded) parser.push(END_PATCH);
  return {
    hunks: parser.hunks,
    environmentId: parser.environmentId,
    text: lines.map((line) => line.replace(/\r$/, "")).join("\n"),
  };
}

/** The lines from the begin line to the end line. */
function patchLines(text: string): readonly string[] {
  const lines = trim(text).split("\n");
  const isHeredoc =
    lines.length >= 4 &&
    /^<<(?:EOF|'EOF'|"EOF")\r?$/.test(lines[0] ?? "") &&
    (lines.at(-1) ?? "").endsWith("EOF");
  const body = isHeredoc ? lines.slice(1, -1) : lines;
  const first = trim(body[0] ?? "");
  const isEmpty = text.length === 0 || (body.length === 1 && first === "");
  if (first !== BEGIN_PATCH && !isEmpty) throw missingBegin();
  if (body.length < 2 || trim(body.at(-1) ?? "") !== END_PATCH) throw missingEnd();
  return body;
}
