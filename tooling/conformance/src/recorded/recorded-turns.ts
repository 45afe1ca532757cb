import type { TurnInput } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { RecordedRequest, RecordedScenario } from "./recorded-scenario.ts";

/** Something the driver of a recording made the client do. */
export type RecordedAction =
  | RecordedTurn
  | { readonly type: "compaction"; readonly firstRequest: number; readonly lastRequest: number };

/** A turn of a person. */
interface RecordedTurn {
  readonly type: "turn";
  /** A list when there is more than text in it. */
  readonly input: string | readonly TurnInput[];
  /** `n` of its first request. */
  readonly firstRequest: number;
  /** `n` of its last request. */
  readonly lastRequest: number;
  /** Extras of the client in the metadata of this turn. */
  readonly clientMetadata: Readonly<Record<string, string>>;
  readonly outputSchema: JsonValue | undefined;
}

/** Keys of the blob that Codex writes; what else is there came from the client. */
const OWN_KEYS: ReadonlySet<string> = new Set(
  `installation_id session_id thread_id turn_id window_id request_kind forked_from_thread_id parent_thread_id
  subagent_kind thread_source sandbox workspaces turn_started_at_unix_ms compaction agent_name window_number
  context_window_id history_initialization root_turn_id parent_turn_id turn_trigger sandbox_mode auto_review_enabled
  node_repl_auto_review_required node_repl_disabled analytics_enabled model reasoning_effort`.split(
    /\s+/,
  ),
);

/** What the client was asked to do, read off its requests. */
export function recordedActions({ requests }: RecordedScenario): RecordedAction[] {
  const turns = Map.groupBy(
    requests.filter(isOfRootTurn),
    (request) => readBlob(request)["turn_id"],
  );
  return [...turns.values()].flatMap((ofTurn): RecordedAction[] => {
    const [first] = ofTurn;
    if (first === undefined) return [];
    const range = { firstRequest: first.n, lastRequest: ofTurn.at(-1)?.n ?? first.n };
    // A turn may begin with a compaction; one that is nothing else was asked for.
    const asking = ofTurn.find((request) => readBlob(request)["request_kind"] === "turn");
    return asking === undefined
      ? [{ type: "compaction", ...range }]
      : [{ ...turnOf(asking), type: "turn", ...range }];
  });
}

/** Whether a request belongs to a turn of the thread a person talks to. */
function isOfRootTurn(request: RecordedRequest): boolean {
  const { parent_thread_id: parent, turn_id: turnId } = readBlob(request);
  return request.kind !== "handshake" && parent === undefined && Boolean(turnId);
}

function turnOf(
  request: RecordedRequest,
): Pick<RecordedTurn, "input" | "clientMetadata" | "outputSchema"> {
  const { body } = request;
  const blob = readBlob(request);
  const members = isJsonObject(body) ? body : {};
  const format = isJsonObject(members["text"]) ? members["text"]["format"] : undefined;
  return {
    input: lastUserInput(members["input"]),
    clientMetadata: clientExtras(blob),
    outputSchema: isJsonObject(format) ? format["schema"] : undefined,
  };
}

function lastUserInput(input: JsonValue | undefined): RecordedTurn["input"] {
  const items = Array.isArray(input) ? (input as JsonValue[]) : [];
  const message = items.findLast((item) => isJsonObject(item) && item["role"] === "user");
  const content = isJsonObject(message) ? message["content"] : undefined;
  const parts = Array.isArray(content) ? (content as JsonValue[]) : [];
  const inputs = parts.flatMap((part): TurnInput[] => {
    const { text, image_url: imageUrl } = isJsonObject(part) ? part : {};
    if (typeof imageUrl === "string") return [{ type: "image", image_url: imageUrl }];
    return typeof text === "string" ? [{ type: "text", text }] : [];
  });
  const isText = (part: TurnInput) => part.type === "text";
  return inputs.every(isText) ? inputs.map((part) => part.text).join("") : inputs;
}

/** What of a blob came from the application. */
export function clientExtras(blob: JsonObject): Readonly<Record<string, string>> {
  const extras = Object.entries(blob).filter(
    (entry): entry is [string, string] => !OWN_KEYS.has(entry[0]) && typeof entry[1] === "string",
  );
  return Object.fromEntries(extras);
}

/** The metadata blob of a request; empty when it has none. */
export function readBlob({ headers, body }: RecordedRequest): JsonObject {
  const flat = isJsonObject(body) ? body["client_metadata"] : undefined;
  const text = isJsonObject(flat)
    ? flat["x-codex-turn-metadata"]
    : headers?.find(([name]) => name === "x-codex-turn-metadata")?.[1];
  if (typeof text !== "string") return {};
  const blob: unknown = JSON.parse(text);
  return isJsonObject(blob) ? blob : {};
}
