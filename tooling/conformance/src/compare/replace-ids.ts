import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ObservedRequest, ObservedRun, RunPlaces } from "./observed-run.ts";
import { replaceOwnWords } from "./own-words.ts";

/** Also behind the prefix of an item's id. */
const UUID = /(?<![0-9a-zA-Z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** Members that hold Unix milliseconds or seconds. */
const TIME_MEMBERS: ReadonlySet<string> = new Set([
  "turn_started_at_unix_ms",
  "x-codex-ws-stream-request-start-ms",
  "create_time",
]);

/** What of a text differs from run to run although both programs do the same. */
const VOLATILE_TEXTS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/(?<=<current_date>)[^<]*/g, "<date>"],
  [/(?<=Chunk ID: )[0-9a-f]+/g, "<chunk>"],
  [/(?<=Wall time:? )[0-9.]+/g, "<seconds>"],
  [/(?<=(?:^|\n)command timed out after )[0-9]+(?= milliseconds\n)/g, "<ms>"],
  // Of a command of the user.
  [/(?<=<result>\nExit code: -?\d+\nDuration: )[0-9.]+/g, "<seconds>"],
  // Each program gives its agents names for people by chance.
  [/(?<="nickname":")[^"]+(?=")/g, "<name>"],
  [/(?<=session ID |"session_id":|Unknown process id )[0-9]+/g, "<session>"],
  // A recorded command that is played with a shorter pause (recorded/recorded-script.ts).
  [/sleep 0\.[13](?=; echo bye)/g, "sleep <pause>"],
  // A command that writes to both its streams at once: which of them is read first is chance.
  [/(?<=^|\nOutput:\n)(?:out\nerr|err\nout)(?=\n)/g, "<out and err>"],
];

/**
 * A run with ids, times, ports, directories and prose replaced by names. The name of an id says what it is for and
 * which of its kind it is, in order of appearance (`<thread 1>`), so that two runs are equal only when every id is used
 * in the same places.
 */
export function replaceIds(run: ObservedRun, places: RunPlaces): ObservedRun {
  const names = new IdNames();
  // Requests first: when a connection is made again, its upgrade carries the ids of a later turn.
  for (const request of [...run.requests, ...run.handshakes]) names.learn(request);
  for (const event of run.events) names.learnMember("thread", event["thread_id"]);
  const text = (value: string): string =>
    replaceTexts(names.replace(value), places).replace(UUID, "<uuid>");
  const request = (given: ObservedRequest): ObservedRequest => ({
    ...given,
    headers: given.headers.map(([name, value]) => [
      name.toLowerCase(),
      headerText(name, value, text),
    ]),
    body: given.body === undefined ? undefined : mapJson(given.body, text),
  });
  return {
    ...run,
    requests: run.requests.map(request),
    handshakes: run.handshakes.map(request),
    events: run.events.map((event) => mapJson(event, text) as JsonObject),
  };
}

/** A text without what differs from run to run although both programs do the same, ids aside. */
export function replaceTexts(value: string, places: RunPlaces): string {
  let result = value
    .replace(wholePath(places.workspace), "<workspace>")
    .replaceAll(places.host, "<host>");
  for (const [pattern, name] of VOLATILE_TEXTS) result = result.replace(pattern, name);
  return replaceOwnWords(result);
}

/** Finds a path where it does not merely look like one: in `</workspace_roots>` there is no `/workspace`. */
function wholePath(path: string): RegExp {
  const literal = path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![<\w])${literal}(?![\w-])`, "g");
}

const VOLATILE_HEADERS: Readonly<Record<string, string>> = {
  "content-length": "<length>",
  "sec-websocket-key": "<key>",
};

function headerText(name: string, value: string, text: (value: string) => string): string {
  const lower = name.toLowerCase();
  if (lower === "x-codex-turn-metadata") return replaceTimes(text(value));
  return VOLATILE_HEADERS[lower] ?? text(value);
}

/** Numbers in a JSON text that is compared as text. */
function replaceTimes(json: string): string {
  return json.replace(/(?<="turn_started_at_unix_ms":)[0-9]+/g, '"<time>"');
}

function mapJson(value: JsonValue, text: (value: string) => string): JsonValue {
  if (typeof value === "string") return replaceTimes(text(value));
  if (Array.isArray(value)) return value.map((member: JsonValue) => mapJson(member ?? null, text));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      text(key),
      TIME_MEMBERS.has(key) ? "<time>" : mapJson(member ?? null, text),
    ]),
  );
}

/** Gives each id a name by what it is used for where it first appears. */
class IdNames {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  learn({ headers, body }: ObservedRequest): void {
    const header = (name: string): string | undefined =>
      headers.find(([given]) => given.toLowerCase() === name)?.[1];
    const flat = isJsonObject(body) ? body["client_metadata"] : undefined;
    const blob = readBlob(
      isJsonObject(flat) ? flat["x-codex-turn-metadata"] : undefined,
      header("x-codex-turn-metadata"),
    );
    this.learnMember("installation", blob["installation_id"] ?? header("x-codex-installation-id"));
    this.learnMember("thread", blob["session_id"] ?? header("session-id"));
    this.learnMember("thread", blob["thread_id"] ?? header("thread-id"));
    this.learnMember("thread", blob["parent_thread_id"]);
    this.learnMember("turn", blob["turn_id"]);
    this.learnMember("context window", blob["context_window_id"]);
    this.learnMember("inference", header("x-codex-inference-call-id"));
    const input = isJsonObject(body) ? body["input"] : undefined;
    if (Array.isArray(input)) for (const item of input as JsonValue[]) this.#learnItem(item);
  }

  /** Ids a client gives an item: the version says whether it was made or derived. */
  #learnItem(item: JsonValue): void {
    const id = isJsonObject(item) ? item["id"] : undefined;
    const [uuid] = (typeof id === "string" ? id.match(UUID) : null) ?? [];
    if (uuid !== undefined) this.learnMember(`v${uuid.charAt(14)} item`, uuid);
  }

  learnMember(kind: string, id: JsonValue | undefined): void {
    if (typeof id !== "string" || id === "" || this.#names.has(id)) return;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    this.#names.set(id, `<${kind} ${count}>`);
  }

  replace(text: string): string {
    return text.replace(UUID, (id) => this.#names.get(id) ?? id);
  }
}

function readBlob(...candidates: readonly (JsonValue | undefined)[]): JsonObject {
  const text = candidates.find((candidate) => typeof candidate === "string");
  if (text === undefined) return {};
  const blob: unknown = JSON.parse(text);
  return isJsonObject(blob) ? blob : {};
}
