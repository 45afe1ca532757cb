import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject } from "@codex-ts/protocol";
import { makeDirectory, readPlainFileTail } from "@codex-ts/api/internal";

/** One line for each name that was given, the newest last. Observed in 0.140 and 0.171. */
const INDEX_FILE = "session_index.jsonl";
/** The last names count, and nobody has given more. */
const INDEX_TAIL_BYTES = 64 * 1024 * 1024;

/** Options of {@link setSessionName} and {@link readSessionNames}. */
export interface SessionNamesOptions {
  /** Codex's home directory. */
  readonly codexHome: string;
}

/** Names a session, in Codex's index of names; the last one counts. Rejects with errors of the file system. */
export async function setSessionName(
  threadId: string,
  name: string,
  { codexHome }: SessionNamesOptions,
): Promise<void> {
  const updatedAt = new Date().toISOString();
  const line = { id: threadId.toLowerCase(), thread_name: name, updated_at: updatedAt };
  makeDirectory(codexHome);
  appendFileSync(join(codexHome, INDEX_FILE), `${JSON.stringify(line)}\n`, { mode: 0o600 });
}

/** The names of sessions by thread id. Lines that cannot be read are skipped; without an index there are none. */
export async function readSessionNames({
  codexHome,
}: SessionNamesOptions): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const line of indexText(codexHome).split("\n")) {
    const entry = readLine(line);
    if (!isJsonObject(entry)) continue;
    const { id, thread_name: name } = entry;
    if (typeof id === "string" && typeof name === "string") names.set(id.toLowerCase(), name);
  }
  return names;
}

function indexText(codexHome: string): string {
  try {
    const bytes = readPlainFileTail(join(codexHome, INDEX_FILE), INDEX_TAIL_BYTES);
    return new TextDecoder().decode(bytes);
  } catch {
    return "";
  }
}

function readLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
