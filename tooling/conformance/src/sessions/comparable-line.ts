import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { replaceTexts } from "../compare/replace-ids.ts";
import type { RunPlaces } from "../compare/observed-run.ts";

/** What Codex writes and `codex-ts` does not, and why. */
export const OMITTED: readonly (readonly [path: string, reason: string])[] = [
  ["metadata", "0.171 counts items and their sources for its own compactions; it goes on without"],
  ["compacted.replacement_history_metadata", "as `metadata`"],
  ["compacted.retained_context", "0.171 keeps what was said for searches that are not made here"],
  ["session_meta.account_scoped", "a matter of the account that Codex was used with"],
  ["event_msg.thread_settings.service_tier", "the app server of 0.171 says that it is the default"],
  ["world_state.state.model_catalog", "a hash of Codex's list of models"],
  ["world_state.state.collaboration_mode.instructions", "a hash of Codex's own text"],
  ["world_state.state.approved_command_prefixes", "nothing is approved here"],
  ["world_state.state.permissions", "a hash of Codex's own text"],
];

/** What differs from program to program or from run to run. */
const VOLATILE: ReadonlySet<string> = new Set([
  "originator",
  "cli_version",
  "timestamp",
  "started_at",
  "completed_at",
  "duration_ms",
  "time_to_first_token_ms",
  "started_at_ms",
  "completed_at_ms",
  "create_time",
  "secs",
  "nanos",
  "process_id",
  "end_byte_offset",
]);

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * The lines of a session file without what may differ: ids are numbered in order of appearance, so that two files are
 * equal only when each is used in the same places.
 */
export function comparableLines(
  lines: readonly JsonObject[],
  places: RunPlaces,
): readonly JsonObject[] {
  const ids = new Map<string, string>();
  const text = (value: string): string =>
    replaceTexts(value.replace(STOPPED, "<stopped>"), places).replace(UUID, (id) => {
      const name = ids.get(id) ?? `<id ${ids.size + 1}>`;
      ids.set(id, name);
      return name;
    });
  return withoutEstimates(inOrder(lines)).map((line) => {
    const type = line["type"] as string;
    const kept = without(without(line, ["timestamp"]), ["metadata"]) as JsonObject;
    return withoutVolatile(
      { ...kept, payload: withoutOmitted(type, line["payload"]) },
      text,
    ) as JsonObject;
  });
}

/**
 * The first count after a local compaction is an estimate of a text each program begins in its own words, and so is the one
 * before turns are taken back.
 */
function withoutEstimates(lines: readonly JsonObject[]): readonly JsonObject[] {
  let isDue = false;
  return lines.map((line, index) => {
    const payload = isJsonObject(line["payload"]) ? line["payload"] : {};
    if (line["type"] === "compacted") isDue = payload["message"] !== "";
    const next = lines[index + 1]?.["payload"];
    if (isJsonObject(next) && next["type"] === "thread_rolled_back") isDue = true;
    const info = payload["info"];
    if (!isDue || payload["type"] !== "token_count" || !isJsonObject(info)) return line;
    isDue = false;
    const last = without(info["last_token_usage"] ?? null, ["total_tokens"]);
    return { ...line, payload: { ...payload, info: { ...info, last_token_usage: last } } };
  });
}

/** How often settings are said in a row, where an app server took turns back: 0.171 also says those it was started with. */
export function withSettingsOnce(lines: readonly JsonObject[]): readonly JsonObject[] {
  const isSettings = (line: JsonObject | undefined): boolean =>
    isJsonObject(line?.["payload"]) && line["payload"]["type"] === "thread_settings_applied";
  return lines.filter((line, index) => !isSettings(line) || !isSettings(lines[index + 1]));
}

/**
 * When a command ends is its own affair: those lines come last. That of a command that was stopped is left out, as Codex
 * ends with it or without it.
 */
function inOrder(lines: readonly JsonObject[]): readonly JsonObject[] {
  const others = lines.filter((line) => commandOf(line) === undefined);
  const commands = lines.filter((line) => commandOf(line) !== undefined && !isStopped(line));
  return [...others, ...commands].map(({ ordinal, ...line }) => ({
    ...line,
    ordinal: typeof ordinal,
  }));
}

function commandOf({ payload }: JsonObject): JsonObject | undefined {
  const item = isJsonObject(payload) ? payload["item"] : undefined;
  return isJsonObject(item) && item["type"] === "CommandExecution" ? item : undefined;
}

function isStopped(line: JsonObject): boolean {
  const code = commandOf(line)?.["exit_code"];
  return typeof code === "number" && (code < 0 || code >= 128);
}

/** How a command that was stopped is told to the model is a matter of requests. */
const STOPPED = /^(?:Wall time: \S+ seconds\naborted by user|aborted by user after \S+)$/;

function withoutOmitted(type: string, payload: JsonValue | undefined): JsonValue {
  let result = payload ?? null;
  for (const [path] of OMITTED) {
    const [first, ...rest] = path.split(".");
    if (first === type) result = without(result, rest);
  }
  return result;
}

function without(value: JsonValue, [name, ...rest]: readonly string[]): JsonValue {
  if (!isJsonObject(value) || name === undefined || value[name] === undefined) return value;
  if (rest.length > 0) return { ...value, [name]: without(value[name], rest) };
  const { [name]: _, ...kept } = value;
  return kept;
}

/** Members in the order of their names: files are objects, not texts. */
function withoutVolatile(value: JsonValue, text: (value: string) => string): JsonValue {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) {
    return value.map((member: JsonValue) => withoutVolatile(member ?? null, text));
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [
        key,
        VOLATILE.has(key) ? "<volatile>" : withoutVolatile(value[key] ?? null, text),
      ]),
  );
}
