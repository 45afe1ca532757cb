import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import { readLines, readSessionBytes } from "./read-lines.ts";
import type { RawLine } from "./read-lines.ts";
import type { FoundSession } from "./open-session.ts";
import { fileIdOf } from "./session-directory.ts";
import type { ForkFacts } from "./session-facts.ts";
import type { SessionGeneration } from "./session-line.ts";

/** A thread that does not begin with nothing. */
export interface ThreadStart {
  readonly threadId: string;
  /** Id of the root thread, where the file says it. */
  readonly sessionId: string | undefined;
  readonly session: FoundSession;
  /** System text the session began with. */
  readonly instructions: string | undefined;
  /** Whether they are those of a model. A file that does not say has them from one. */
  readonly instructionsAreOfModel: boolean;
  readonly forkedFromThreadId: string | undefined;
  /** Present when the thread is another one than that of the file. */
  readonly fork:
    | (ForkFacts & {
        readonly generation: SessionGeneration;
        /** Lines of the other file, to stand in the new one; none when that is referred to. */
        readonly copied: readonly string[];
      })
    | undefined;
}

/** The same thread goes on, in the same file. */
export function resumption(session: FoundSession): ThreadStart {
  const { meta, threadId } = session.replayed;
  return {
    threadId,
    sessionId: text(meta["session_id"]),
    session,
    instructions: instructionsOf(meta),
    instructionsAreOfModel: areOfModel(meta),
    forkedFromThreadId: text(meta["forked_from_id"]),
    fork: undefined,
  };
}

/**
 * Another thread begins with the history of this one. As in Codex: a file of 0.171 is referred to, lines of an older
 * one, or for an older one, are copied.
 */
export function forkOf(
  session: FoundSession,
  threadId: string,
  compatibility: SessionGeneration,
): ThreadStart {
  const { meta, threadId: source, generation, nextOrdinal, endByte } = session.replayed;
  const { beginning } = session;
  const fileId = beginning?.fileId ?? fileIdOf(session.path) ?? source;
  const isReferred = generation === "0.171" && compatibility === "0.171";
  return {
    threadId,
    sessionId: undefined,
    session,
    instructions: instructionsOf(meta),
    instructionsAreOfModel: areOfModel(meta),
    forkedFromThreadId: source,
    fork: {
      threadId: source,
      generation: isReferred ? "0.171" : "0.140",
      base: isReferred ? { fileId, endOrdinal: nextOrdinal, endByte } : undefined,
      copied: isReferred ? [] : copiedLines(beginning?.lines ?? linesIn(session.path)),
    },
  };
}

function linesIn(path: string): RawLine[] {
  return [...readLines(readSessionBytes(path))];
}

/** Lines without their numbers, which older versions do not have. */
function copiedLines(lines: readonly RawLine[]): string[] {
  return lines.map(({ text: line, ordinal }) => {
    if (ordinal === undefined) return line;
    const { ordinal: _, ...rest } = JSON.parse(line) as JsonObject;
    return JSON.stringify(rest);
  });
}

function instructionsOf(meta: JsonObject): string | undefined {
  const instructions = meta["base_instructions"];
  return isJsonObject(instructions) ? text(instructions["text"]) : undefined;
}

function areOfModel({ base_instructions: instructions }: JsonObject): boolean {
  const provenance = isJsonObject(instructions) ? instructions["provenance"] : undefined;
  return !isJsonObject(provenance) || provenance["type"] === "model";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
