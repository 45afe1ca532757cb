import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ObservedRequest, ObservedRun } from "./observed-run.ts";
import { typeName } from "./type-name.ts";

/** A message taken apart into what two clients have to agree on. Members named `…Order` are compared as sequences. */
interface ComparableRequest {
  readonly target: string;
  /** Place of the connection a frame came over; `null` for everything else. */
  readonly connection: number | null;
  readonly headerOrder: readonly string[];
  readonly headers: JsonObject;
  readonly bodyOrder: readonly string[];
  /** Body members; of those taken apart below only what they are, so that one that is missing is seen. */
  readonly body: JsonObject;
  readonly clientMetadata: JsonObject;
  /** Keys of the blob in `client_metadata`. Its header has to be the same text, see `isOneBlob`. */
  readonly blobOrder: readonly string[];
  readonly blob: JsonObject;
  /**
   * Whether header and `client_metadata` carry the same blob. Other requests than POSTs with metadata in the body have it
   * in one place only, which counts as the same.
   */
  readonly isOneBlob: boolean;
  readonly inputLength: number;
  readonly input: readonly JsonValue[];
  readonly toolOrder: readonly string[];
  /** Tool name to its description without texts. */
  readonly tools: JsonObject;
}

/** A run in the form that is compared, member by member. */
export interface ComparableRun {
  readonly exitCode: number | null;
  readonly requestCount: number;
  readonly handshakeCount: number;
  readonly requests: readonly ComparableRequest[];
  readonly handshakes: readonly ComparableRequest[];
  /** `type` of each JSON line, with the type of its item. */
  readonly eventKinds: string;
  readonly events: readonly JsonObject[];
}

/** Takes a run apart. Ids and the like have to be replaced before. */
export function toComparable(run: ObservedRun): ComparableRun {
  return {
    exitCode: run.exitCode ?? null,
    requestCount: run.requests.length,
    handshakeCount: run.handshakes.length,
    requests: run.requests.map(comparableRequest),
    handshakes: run.handshakes.map(comparableRequest),
    eventKinds: run.events.map(eventKind).join(", "),
    events: run.events,
  };
}

/**
 * The real client writes the headers of an upgrade in the order of a hash table: one header more changes the order of
 * all. Sorted they still show a header that is there twice.
 */
function isUpgrade(target: string): boolean {
  return target.startsWith("upgrade ");
}

/** Headers whose place is up to the HTTP library. */
const LIBRARY_HEADERS: ReadonlySet<string> = new Set(["host", "content-length"]);

const SPECIAL_MEMBERS: ReadonlySet<string> = new Set(["input", "tools", "client_metadata"]);

function comparableRequest({
  target,
  headers,
  body,
  connection,
}: ObservedRequest): ComparableRequest {
  const members = isJsonObject(body) ? body : {};
  const flat = isJsonObject(members["client_metadata"]) ? members["client_metadata"] : {};
  const { "x-codex-turn-metadata": flatBlob, ...clientMetadata } = flat;
  const headerBlob = headers.find(([name]) => name === "x-codex-turn-metadata")?.[1];
  const blob = parseBlob(flatBlob ?? headerBlob);
  const input = Array.isArray(members["input"]) ? (members["input"] as JsonValue[]) : [];
  const tools = readTools(members["tools"]);
  return {
    target,
    connection: connection ?? null,
    headerOrder: isUpgrade(target)
      ? headers.map(([name]) => name).toSorted()
      : headers.map(([name]) => name).filter((name) => !LIBRARY_HEADERS.has(name)),
    headers: {
      ...Object.fromEntries(headers),
      ...(headerBlob !== undefined && { "x-codex-turn-metadata": "<blob>" }),
    },
    bodyOrder: Object.keys(members),
    body: Object.fromEntries(
      Object.entries(members).map(([key, value]) => [
        key,
        SPECIAL_MEMBERS.has(key) ? shapeOf(value) : (value ?? null),
      ]),
    ),
    clientMetadata: {
      ...clientMetadata,
      ...(flatBlob !== undefined && { "x-codex-turn-metadata": "<blob>" }),
    },
    blobOrder: Object.keys(blob),
    blob,
    isOneBlob:
      flatBlob === headerBlob ||
      flatBlob === undefined ||
      (headerBlob === undefined && !target.startsWith("POST ")),
    inputLength: input.length,
    input: input.map(comparableItem),
    toolOrder: tools.map(([name]) => name),
    tools: Object.fromEntries(tools),
  };
}

/** Tools an item offers are taken apart like those of a body. */
function comparableItem(item: JsonValue): JsonValue {
  if (!isJsonObject(item) || item["type"] !== "additional_tools") return item;
  return { ...item, ...namedTools(item["tools"]) };
}

function namedTools(value: JsonValue | undefined): JsonObject {
  const tools = readTools(value);
  return {
    toolOrder: tools.map(([name]) => name),
    tools: Object.fromEntries(
      tools.map(([name, tool]) => [
        name,
        isJsonObject(tool) && Array.isArray(tool["tools"])
          ? { ...tool, ...namedTools(tool["tools"]) }
          : tool,
      ]),
    ),
  };
}

/** A list, an object, or the value itself, which then is neither. */
function shapeOf(value: JsonValue | undefined): JsonValue {
  if (Array.isArray(value)) return "<list>";
  return isJsonObject(value) ? "<object>" : (value ?? null);
}

function parseBlob(text: JsonValue | undefined): JsonObject {
  if (typeof text !== "string") return {};
  const blob: unknown = JSON.parse(text);
  return isJsonObject(blob) ? blob : {};
}

function readTools(value: JsonValue | undefined): (readonly [string, JsonValue])[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((tool) => isJsonObject(tool))
    .map((tool) => [toolName(tool), withoutTexts(tool)]);
}

function toolName(tool: JsonObject): string {
  return typeof tool["name"] === "string" ? tool["name"] : typeName(tool);
}

/** Descriptions and grammars are prose of their authors: that they are there counts, what they say does not. */
const TEXT_MEMBERS: ReadonlySet<string> = new Set(["description", "definition"]);

function withoutTexts(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((member: JsonValue) => withoutTexts(member));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      TEXT_MEMBERS.has(key) && typeof member === "string" ? "<text>" : withoutTexts(member ?? null),
    ]),
  );
}

function eventKind(event: JsonObject): string {
  const { item } = event;
  return isJsonObject(item) ? `${typeName(event)}(${typeName(item)})` : typeName(event);
}
