import { statSync } from "node:fs";
import { readPlainFileHead } from "@codex-ts/api/internal";
import { isJsonObject, readEventMsg } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import type { RawLine } from "./read-lines.ts";
import { readLines, readSessionBytes } from "./read-lines.ts";
import { messagePreview, previewOf } from "./message-preview.ts";
import { sessionFiles } from "./session-directory.ts";
import type { SessionFile } from "./session-directory.ts";

/** A session that is kept, as a list shows it. */
export interface SessionSummary {
  readonly threadId: string;
  readonly path: string;
  readonly isArchived: boolean;
  /** Directory of the agent when the session began. */
  readonly cwd: string;
  /** Unix milliseconds. */
  readonly createdAtMs: number;
  /** When its file was last written, in Unix milliseconds. */
  readonly updatedAtMs: number;
  readonly modelProvider: string | undefined;
  /** Version of the program that began it, and the name of its client. */
  readonly clientVersion: string | undefined;
  readonly originator: string | undefined;
  /** Kind of program that began it, e.g. `cli`, `exec`, `vscode`. */
  readonly source: string | undefined;
  /** Who asked for it, e.g. `user`. */
  readonly threadSource: string | undefined;
  readonly forkedFromThreadId: string | undefined;
  /** Slug of the model it began with; `undefined` when nobody has said anything yet. */
  readonly model: string | undefined;
  /**
   * First message of the user with words or images, without blanks at its ends, at most 200 characters; `[Image]` for images
   * alone; `undefined` when there is none, or it comes late in the file.
   */
  readonly firstMessage: string | undefined;
  /** Whether there is no such message; false where one may come late in the file. */
  readonly isSilent: boolean;
}

/** Options of {@link listSessions}. */
export interface ListSessionsOptions {
  /** Codex's home directory. */
  readonly codexHome: string;
  /** Only sessions that began in this directory. Default: all. */
  readonly cwd?: string | undefined;
  /** Those of the archive instead. Default false. */
  readonly archived?: boolean | undefined;
  /** Most entries of the list. Default: no limit. */
  readonly limit?: number | undefined;
}

/** As much of a file as is read to say what it is; the instructions stand in the first line. */
const HEAD_BYTES = 256 * 1024;
const MAX_MESSAGE_CHARACTERS = 200;

/**
 * The sessions in a home of Codex, those used last first. Files that are no sessions, and sessions of subagents, are left
 * out; a home without any has an empty list.
 */
export async function listSessions(
  options: ListSessionsOptions,
): Promise<readonly SessionSummary[]> {
  const { codexHome, cwd, archived = false, limit = Infinity } = options;
  const files = [...Map.groupBy(sessionFiles(codexHome, archived), threadOf).values()]
    .map((all) => ({ all, updatedAtMs: Math.max(...all.map(({ path }) => updateTime(path))) }))
    .toSorted((one, other) => other.updatedAtMs - one.updatedAtMs);
  const summaries: SessionSummary[] = [];
  for (const { all, updatedAtMs } of files) {
    if (summaries.length >= limit) break;
    const summary = summarize(all, updatedAtMs);
    if (summary === undefined || (cwd !== undefined && summary.cwd !== cwd)) continue;
    summaries.push(summary);
  }
  return summaries;
}

function threadOf({ threadId }: SessionFile): string {
  return threadId;
}

/** `files`: of one thread, those begun last first. */
function summarize(files: readonly SessionFile[], updatedAtMs: number): SessionSummary | undefined {
  const [file] = files;
  const oldest = files.at(-1);
  if (file === undefined || oldest === undefined) return undefined;
  const head = readHead(oldest.path);
  const lines = readLines(head);
  const first = lines.next().value;
  const { cwd, id, timestamp, source } = first?.payload ?? {};
  if (first?.type !== "session_meta" || typeof id !== "string" || typeof cwd !== "string") {
    return undefined;
  }
  if (isJsonObject(source) && source["subagent"] !== undefined) return undefined;
  const member = (name: string): string | undefined => {
    const value = first.payload[name];
    return typeof value === "string" ? value : undefined;
  };
  const begun = beginning(lines);
  return {
    threadId: id,
    path: file.path,
    isArchived: file.isArchived,
    cwd,
    createdAtMs: timeOf(timestamp) ?? timeOf(first.timestamp) ?? updatedAtMs,
    updatedAtMs,
    modelProvider: member("model_provider"),
    clientVersion: member("cli_version"),
    originator: member("originator"),
    source: member("source"),
    threadSource: member("thread_source"),
    forkedFromThreadId: member("forked_from_id"),
    ...begun,
    isSilent: begun.firstMessage === undefined && !isCut(oldest.path, head),
  };
}

/** Facts of the lines up to the first words of the user; only as many are read as it takes. */
function beginning(
  lines: Iterable<Pick<RawLine, "type" | "payload">>,
): Pick<SessionSummary, "model" | "firstMessage"> {
  let model: string | undefined;
  for (const { type, payload } of lines) {
    const named = type === "turn_context" ? payload["model"] : undefined;
    if (typeof named === "string") model ??= named;
    const firstMessage = said(type, payload);
    if (firstMessage) return { model, firstMessage };
  }
  return { model, firstMessage: undefined };
}

/** The words of the user that a line holds. */
function said(type: string, payload: JsonObject): string | undefined {
  if (type !== "event_msg") return undefined;
  const event = readEventMsg(payload);
  if (event?.type === "user_message") {
    const { message, images, local_images: localImages } = event;
    const hasImages = (images?.length ?? 0) + (localImages?.length ?? 0) > 0;
    return previewOf(message, hasImages).slice(0, MAX_MESSAGE_CHARACTERS);
  }
  if (event?.type !== "item_completed" || event.item.type !== "UserMessage") return undefined;
  return messagePreview(event.item.content).slice(0, MAX_MESSAGE_CHARACTERS);
}

function readHead(path: string): Uint8Array {
  try {
    if (path.endsWith(".zst")) return readSessionBytes(path);
    return readPlainFileHead(path, HEAD_BYTES);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Whether there is more of a file. */
function isCut(path: string, head: Uint8Array): boolean {
  return !path.endsWith(".zst") && head.length >= HEAD_BYTES;
}

function updateTime(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function timeOf(timestamp: unknown): number | undefined {
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
