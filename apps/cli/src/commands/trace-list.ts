import { type Dirent, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { EVENT_LOG_FILE, MANIFEST_FILE } from "@codex-ts/rollout-trace";
import { isJsonObject, type JsonObject, type JsonValue } from "@codex-ts/protocol";
import type { CliProcess } from "../cli-process.ts";
import { CommandError, fileProblem } from "../errors.ts";
import { readTextFile, readTextTail } from "../read-text-file.ts";
import { stripControl, stripToOneLine } from "../render/strip-control.ts";
import { renderTable } from "../render/table.ts";
import { isKnownSchema } from "../trace-flags.ts";
import { timeText } from "../trace-view/render-trace.ts";

/** Enough for the last few events of a log, which are small: how a run ended stands there. */
const LOG_TAIL_BYTES = 64 * 1024;
/** A manifest has a few hundred bytes. */
const MAX_MANIFEST_BYTES = 64 * 1024;
/** Status of a bundle that no command here can read. */
const UNKNOWN = "unknown schema";

/** `codex-ts trace list`: the bundles of a directory, newest first, without reducing any of them. */
export async function runTraceList(
  rootArgument: string | undefined,
  { env, cwd, stdout, stderr, commandName }: CliProcess,
): Promise<number> {
  const root = resolve(cwd, rootArgument ?? (env["CODEX_ROLLOUT_TRACE_ROOT"] || "."));
  const folders = readEntries(root).filter((entry) => entry.isDirectory());
  const bundles = [root, ...folders.map((entry) => join(root, entry.name))].flatMap(
    (path) => readBundleFacts(path) ?? [],
  );
  if (bundles.length === 0) {
    stderr.write(`no bundles in ${root}: record one with ${commandName} exec --trace ${root}\n`);
    return 0;
  }
  const rows = bundles
    .toSorted((a, b) => b.startedAtUnixMs - a.startedAtUnixMs)
    .map((bundle) => [
      timeText(bundle.startedAtUnixMs),
      bundle.status,
      bundle.schema,
      bundle.threadId,
      stripControl(bundle.path),
    ]);
  stdout.write(renderTable([["started", "status", "schema", "thread", "bundle"], ...rows]));
  return 0;
}

interface BundleFacts {
  readonly path: string;
  readonly startedAtUnixMs: number;
  readonly threadId: string;
  /** Of the trace format, as the manifest has it. */
  readonly schema: string;
  readonly status: string;
}

function readEntries(root: string): Dirent[] {
  try {
    return readdirSync(root, { withFileTypes: true });
  } catch (error) {
    throw new CommandError(`${root}: ${fileProblem(error)}`, { cause: error });
  }
}

function readBundleFacts(path: string): BundleFacts | undefined {
  const manifest = readJsonObject(() =>
    readTextFile(join(path, MANIFEST_FILE), { maxBytes: MAX_MANIFEST_BYTES }),
  );
  if (manifest === undefined) return undefined;
  const {
    started_at_unix_ms: startedAt,
    root_thread_id: threadId,
    schema_version: schema,
  } = manifest;
  return {
    path,
    startedAtUnixMs: typeof startedAt === "number" ? startedAt : 0,
    threadId: typeof threadId === "string" ? stripToOneLine(threadId) : "-",
    schema: typeof schema === "number" ? String(schema) : "-",
    // How a run ends, too, is a matter of the schema.
    status:
      schema === undefined || isKnownSchema(schema)
        ? readFinalStatus(join(path, EVENT_LOG_FILE))
        : UNKNOWN,
  };
}

/** Status of the last `rollout_ended` near the end of the log; a run that goes on or was killed has none. */
function readFinalStatus(logFile: string): string {
  for (const line of readTail(logFile).split("\n").toReversed()) {
    const payload = readJsonObject(() => line)?.["payload"];
    if (payload === undefined || !isJsonObject(payload)) continue;
    const { type, status } = payload;
    if (type === "rollout_ended" && typeof status === "string") return stripToOneLine(status);
  }
  return "unfinished";
}

function readTail(file: string): string {
  try {
    return readTextTail(file, LOG_TAIL_BYTES);
  } catch {
    return "";
  }
}

function readJsonObject(readText: () => string): JsonObject | undefined {
  try {
    const value = JSON.parse(readText()) as JsonValue;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
