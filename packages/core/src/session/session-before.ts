import type { JsonObject } from "@codex-ts/protocol";
import type { OpenBase, SessionSegment } from "./base-segments.ts";
import { Replay, readSegments, readingSession } from "./replay-session.ts";
import type { BackTo, ReplayedSession } from "./replay-session.ts";
import type { RawLine } from "./read-lines.ts";

/** A session as it was, for the file it goes on in. */
export interface SessionBefore {
  /** Inputs of the user that are taken back. */
  readonly dropped: number;
  /** As it would be resumed there; `meta` is that of the file to come. */
  readonly replayed: ReplayedSession;
}

/** Members of the first line that the new file has anew. */
export interface NewFileFacts {
  /** ISO 8601. */
  readonly timestamp: string;
  readonly clientVersion: string;
}

/**
 * Reads what a file of 0.171 held before inputs of the user, or before a turn: the thread goes on in another file, which
 * begins in this one, as after `thread/revert` of 0.171. `undefined`: there is no such turn, or nothing to take back.
 * Throws `ThreadError`. Source: docs/behavior/codex-0.171.md 3; runs of 0.171.
 */
export function sessionBefore(
  path: string,
  {
    openBase,
    to,
    facts,
  }: { readonly openBase: OpenBase; readonly to: BackTo; readonly facts: NewFileFacts },
): SessionBefore | undefined {
  return readingSession(path, () => {
    const cut = cutBefore(path, openBase, to);
    if (cut === undefined) return undefined;
    const { meta, threadId, kept, place, dropped } = cut;
    const first = firstLine(meta, { facts, cut: place, isEmpty: isEmpty(kept) });
    const state = new Replay(first.payload, threadId);
    state.apply(isEmpty(kept) ? [first] : [...kept, first]);
    return { dropped, replayed: state.result() };
  });
}

/** A session up to where a turn began. */
export interface SessionBeginning {
  readonly replayed: ReplayedSession;
  /** The file that has the next line. */
  readonly fileId: string;
  /** All lines of it, those in other files first. */
  readonly lines: readonly RawLine[];
}

/** Reads a session up to where a turn began; `undefined`: there is no such turn. Throws `ThreadError`. */
export function sessionBeginning(
  path: string,
  { openBase, beforeTurnId }: { readonly openBase: OpenBase; readonly beforeTurnId: string },
): SessionBeginning | undefined {
  return readingSession(path, () => {
    const cut = cutBefore(path, openBase, { beforeTurnId });
    if (cut === undefined) return undefined;
    const { meta, threadId, kept: lines, place } = cut;
    const state = new Replay(meta, threadId);
    state.apply(lines);
    const replayed = { ...state.result(), endByte: place.line.startByte };
    return { replayed, fileId: place.fileId, lines };
  });
}

/** Where a session is cut, and the lines before that; `undefined`: there is no such turn, or nothing to take back. */
function cutBefore(path: string, openBase: OpenBase, to: BackTo) {
  const { meta, threadId, segments } = readSegments(path, openBase);
  const lines = segments.flatMap((segment) => segment.lines);
  const whole = new Replay(meta, threadId);
  whole.apply(lines);
  const found = whole.lineOf(to);
  if (found === undefined || found.line >= lines.length) return undefined;
  const place = placeOf(segments, found.line);
  return { meta, threadId, kept: lines.slice(0, found.line), place, dropped: found.dropped };
}

/** A file that says only what the session is has nothing to begin in. */
function isEmpty(lines: readonly RawLine[]): boolean {
  return lines.every(({ type }) => type === "session_meta");
}

/** A line by its place among all of them. */
function placeOf(
  segments: readonly SessionSegment[],
  index: number,
): { readonly fileId: string; readonly line: RawLine } {
  let left = index;
  for (const { fileId, lines } of segments) {
    const line = lines[left];
    if (line !== undefined) return { fileId, line };
    left -= lines.length;
  }
  throw new Error("it has no such line");
}

function firstLine(
  meta: JsonObject,
  {
    facts,
    cut,
    isEmpty: hasNoBase,
  }: {
    readonly facts: NewFileFacts;
    readonly cut: ReturnType<typeof placeOf>;
    readonly isEmpty: boolean;
  },
): RawLine {
  const { history_base: _, ...kept } = meta;
  const { ordinal = 0, startByte } = cut.line;
  const forkedAt = meta["forked_from_ordinal_exclusive"];
  const payload: JsonObject = {
    ...kept,
    ...(typeof forkedAt === "number" && {
      forked_from_ordinal_exclusive: Math.min(forkedAt, ordinal),
    }),
    timestamp: facts.timestamp,
    cli_version: facts.clientVersion,
    ...(!hasNoBase && {
      history_base: {
        thread_id: cut.fileId,
        end_ordinal_exclusive: ordinal,
        end_byte_offset: startByte,
      },
    }),
  };
  return {
    timestamp: facts.timestamp,
    ordinal: hasNoBase ? 0 : ordinal,
    type: "session_meta",
    payload,
    startByte: 0,
    endByte: 0,
    text: "",
  };
}
