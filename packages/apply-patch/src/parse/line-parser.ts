import type { ChunkLine, Hunk } from "../patch.ts";
import { trim, trimEnd } from "../text/white-space.ts";
import {
  ADD_FILE,
  BEGIN_PATCH,
  CONTEXT,
  DELETE_FILE,
  END_OF_FILE,
  END_PATCH,
  ENVIRONMENT_ID,
  MOVE_TO,
  UPDATE_FILE,
} from "./markers.ts";
import {
  emptyChunk,
  emptyUpdate,
  expectedContext,
  invalidPatch,
  missingBegin,
  missingEnd,
  notAHeader,
  unexpectedLine,
} from "./parse-errors.ts";

interface OpenChunk {
  context: string | undefined;
  lines: ChunkLine[];
  isEndOfFile: boolean;
}

interface OpenUpdate {
  type: "update";
  path: string;
  movePath: string | undefined;
  chunks: OpenChunk[];
}

type OpenHunk =
  | { type: "add"; path: string; lines: string[] }
  | { type: "delete"; path: string }
  | OpenUpdate;

const LINE_TYPES: Readonly<Record<string, ChunkLine["type"]>> = {
  " ": "context",
  "+": "added",
  "-": "removed",
};

/** Reads a patch line by line. A hunk is there from its header on and grows with its lines. */
export class LineParser {
  readonly #hunks: OpenHunk[] = [];
  /** Line number of the header of the last hunk. */
  #headerLine = 0;
  #line = 0;
  #place: "before" | "start" | "hunks" | "ended" = "before";
  #environmentId: string | undefined;

  get hasEnded(): boolean {
    return this.#place === "ended";
  }

  get environmentId(): string | undefined {
    return this.#environmentId;
  }

  /** The hunks so far; the last one may be incomplete. */
  get hunks(): readonly Hunk[] {
    return this.#hunks.map((hunk) =>
      hunk.type === "add"
        ? { type: "add", path: hunk.path, content: hunk.lines.map((line) => `${line}\n`).join("") }
        : hunk,
    );
  }

  /** Takes the next line, without LF. Throws a `PatchError` for a line that cannot stand there. */
  push(lineWithReturns: string): void {
    const line = withoutReturns(lineWithReturns);
    this.#line += 1;
    const hunk = this.#hunks.at(-1);
    if (this.#place === "before") {
      if (trim(line) !== BEGIN_PATCH) throw missingBegin();
      this.#place = "start";
    } else if (this.#place === "ended") {
      if (trim(line) !== "") throw missingEnd();
    } else if (this.#place === "start" && trim(line).startsWith(ENVIRONMENT_ID)) {
      this.#environmentId = trim(trim(line).slice(ENVIRONMENT_ID.length));
      if (this.#environmentId === "")
        throw invalidPatch("apply_patch environment_id cannot be empty");
      this.#place = "hunks";
    } else if (hunk?.type === "update") {
      this.#pushToUpdate(hunk, line);
    } else if (hunk?.type === "add" && line.startsWith("+")) {
      hunk.lines.push(line.slice(1));
    } else if (!this.#takeHeader(trim(line))) {
      throw notAHeader(this.#line, trim(line));
    }
  }

  /** Whether the line, trimmed, begins a hunk or ends the patch. */
  #takeHeader(line: string): boolean {
    const opened = openedHunk(line);
    if (opened === undefined && line !== END_PATCH) return false;
    if (opened === undefined) this.#place = "ended";
    else {
      this.#hunks.push(opened);
      this.#headerLine = this.#line;
      this.#place = "hunks";
    }
    return true;
  }

  #pushToUpdate(update: OpenUpdate, line: string): void {
    const chunk = update.chunks.at(-1);
    const trimmed = trimEnd(line);
    if (chunk !== undefined && chunk.lines.length === 0) {
      if (trimmed === END_PATCH || trimmed === END_OF_FILE) throw emptyChunk(this.#line);
      const read = chunkLine(line);
      if (read === undefined) throw unexpectedLine(this.#line, line);
      chunk.lines.push(read);
      return;
    }
    if (chunk === undefined) {
      if (update.movePath === undefined && trimmed.startsWith(MOVE_TO)) {
        update.movePath = trimmed.slice(MOVE_TO.length);
        return;
      }
      if (openedHunk(trimmed) !== undefined || trimmed === END_PATCH)
        throw emptyUpdate(this.#headerLine, update.path);
      if (trimmed === END_OF_FILE) return;
    }
    if (this.#takeHeader(trimmed)) return;
    if (trimmed === CONTEXT || trimmed.startsWith(`${CONTEXT} `)) {
      const context = trimmed === CONTEXT ? undefined : trimmed.slice(CONTEXT.length + 1);
      update.chunks.push({ context, lines: [], isEndOfFile: false });
      return;
    }
    if (chunk?.isEndOfFile === true) {
      if (trimmed !== "") throw expectedContext(this.#line, line);
      return;
    }
    if (chunk !== undefined && trimmed === END_OF_FILE) {
      chunk.isEndOfFile = true;
      return;
    }
    const read = chunkLine(line);
    if (read === undefined) {
      throw chunk === undefined
        ? unexpectedLine(this.#line, line)
        : expectedContext(this.#line, line);
    }
    if (chunk === undefined)
      update.chunks.push({ context: undefined, lines: [read], isEndOfFile: false });
    else chunk.lines.push(read);
  }
}

/** An empty line is an empty line of context: models leave out the space. */
function chunkLine(line: string): ChunkLine | undefined {
  if (line === "") return { type: "context", text: "" };
  const type = LINE_TYPES[line.charAt(0)];
  return type === undefined ? undefined : { type, text: line.slice(1) };
}

function openedHunk(line: string): OpenHunk | undefined {
  if (line.startsWith(ADD_FILE))
    return { type: "add", path: line.slice(ADD_FILE.length), lines: [] };
  if (line.startsWith(DELETE_FILE)) return { type: "delete", path: line.slice(DELETE_FILE.length) };
  if (line.startsWith(UPDATE_FILE)) {
    const path = line.slice(UPDATE_FILE.length);
    return { type: "update", path, movePath: undefined, chunks: [] };
  }
  return undefined;
}

function withoutReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) === 0x0d) end -= 1;
  return end === line.length ? line : line.slice(0, end);
}
